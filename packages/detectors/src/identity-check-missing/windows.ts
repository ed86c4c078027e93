// What a settlement's window holds: its bounds, its cameras, whether it could make a claim, and what it says by now.
import { type DetectorHost, EVIDENCE_KEPT_MS } from '@yunjian/detection';
import type { View } from './claims.ts';
import type { CoverRule } from './cover.ts';
import { type House, OpenSettlements } from './house.ts';
import type { KeptSettlement, Verdict } from './kept.ts';
import { isPassed } from './named-checks.ts';
import type { IdentityParams } from './params.ts';

const NO_CAMERAS: readonly string[] = [];

export class Windows {
  readonly #host: DetectorHost<IdentityParams>;
  /** By the parameters in force, which are few. */
  readonly #rules = new WeakMap<IdentityParams, CoverRule>();

  constructor(host: DetectorHost<IdentityParams>) {
    this.#host = host;
  }

  view(settlement: KeptSettlement, house: House): View {
    const { start, deadline } = this.window(settlement);
    const cameras = this.cameras(settlement).map((device) => ({
      device,
      ...this.#host.devices.liveness(device, start, deadline),
    }));
    return {
      start,
      deadline,
      cameras,
      checks: house.countChecks(start, deadline),
      notPassed: house
        .checksBetween(start, deadline, (told) => !isPassed(told))
        .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)),
    };
  }

  verdict(settlement: KeptSettlement): Verdict {
    if (settlement.openAt === null) return 0;
    const { start, deadline } = this.window(settlement);
    return this.cameras(settlement).every((camera) => this.#host.devices.liveness(camera, start, deadline).alive)
      ? 2
      : 1;
  }

  /** Whether the settlement could make a claim: supervised by a camera, in person, not reversed in time. */
  competes(settlement: KeptSettlement): boolean {
    if (settlement.remote || this.cameras(settlement).length === 0) return false;
    return settlement.reversal === null || settlement.reversal.at > this.window(settlement).deadline;
  }

  cameras({ institution, terminal, at }: KeptSettlement): readonly string[] {
    return this.#host.registry.cameras(institution, terminal, at) ?? NO_CAMERAS;
  }

  window({ institution, at }: KeptSettlement): { start: number; deadline: number } {
    const { before, after } = this.#host.params(institution);
    return { start: at - before * 1000, deadline: at + after * 1000 };
  }

  tooOld(settlement: KeptSettlement): boolean {
    return this.window(settlement).start < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  rule(institution: string): CoverRule {
    const params = this.#host.params(institution);
    let rule = this.#rules.get(params);
    if (rule === undefined) {
      rule = {
        beforeMs: params.before * 1000,
        afterMs: params.after * 1000,
        mayWatch: ({ institution, device }, terminal, at) =>
          this.#host.registry.mayWatch(institution, device, terminal, at),
        competes: (settlement) => this.competes(settlement),
      };
      this.#rules.set(params, rule);
    }
    return rule;
  }

  /** Puts a settlement into the lists of the cameras it rests on, or takes it out of them. */
  setOpen(house: House, settlement: KeptSettlement, open: boolean): void {
    if (!open && settlement.openAt === null) return;
    const cameras = open ? this.cameras(settlement) : null;
    if (settlement.openAt === cameras) return;
    for (const camera of settlement.openAt ?? NO_CAMERAS) house.open.get(camera)?.delete(settlement);
    settlement.openAt = cameras;
    for (const camera of cameras ?? NO_CAMERAS) {
      let list = house.open.get(camera);
      if (list === undefined) {
        list = new OpenSettlements();
        house.open.set(camera, list);
      }
      list.add(settlement, settlement.shown?.[camera] !== undefined);
    }
    house.follow(settlement);
  }
}
