// What a settlement's window holds: its bounds, its cameras, whether it could make a claim, and what it says by now.
import { type DetectorHost, EVIDENCE_KEPT_MS } from '@yunjian/detection';
import type { House, IdentityBook, KeptSettlement, Verdict } from './book.ts';
import type { View } from './claims.ts';
import type { CoverRule } from './cover.ts';
import type { IdentityParams } from './params.ts';

export class Windows {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #book: IdentityBook;

  constructor(host: DetectorHost<IdentityParams>, book: IdentityBook) {
    this.#host = host;
    this.#book = book;
  }

  view(settlement: KeptSettlement): View {
    const { start, deadline } = this.window(settlement);
    const cameras = this.cameras(settlement).map((device) => ({
      device,
      ...this.#host.devices.liveness(device, start, deadline),
    }));
    return {
      start,
      deadline,
      cameras,
      checks: [...this.#book.house(settlement.institution).checksByTime.between(start, deadline)].sort(
        (a, b) => a.at - b.at || (a.key < b.key ? -1 : 1),
      ),
    };
  }

  verdict(settlement: KeptSettlement): Verdict {
    if (!this.isOpen(this.#book.house(settlement.institution), settlement)) return 0;
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

  cameras({ institution, terminal, at }: KeptSettlement): string[] {
    return this.#host.registry.cameras(institution, terminal, at) ?? [];
  }

  window({ institution, at }: KeptSettlement): { start: number; deadline: number } {
    const { before, after } = this.#host.params(institution);
    return { start: at - before * 1000, deadline: at + after * 1000 };
  }

  tooOld(settlement: KeptSettlement): boolean {
    return this.window(settlement).start < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  rule(institution: string): CoverRule {
    const { before, after } = this.#host.params(institution);
    return {
      beforeMs: before * 1000,
      afterMs: after * 1000,
      terminalOf: (check) =>
        check.terminal ?? this.#host.registry.terminalOf(check.institution, check.device, check.at),
      competes: (settlement) => this.competes(settlement),
    };
  }

  isOpen(house: House, settlement: KeptSettlement): boolean {
    return this.cameras(settlement).some((camera) => house.open.get(camera)?.has(settlement) === true);
  }

  setOpen(house: House, settlement: KeptSettlement, open: boolean): void {
    for (const [camera, set] of house.open)
      if (!open || !this.cameras(settlement).includes(camera)) set.delete(settlement);
    if (!open) return;
    for (const camera of this.cameras(settlement)) {
      const set = house.open.get(camera);
      if (set === undefined) house.open.set(camera, new Set([settlement]));
      else set.add(settlement);
    }
  }
}
