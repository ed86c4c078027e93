// One judgement over a settlement's window, three claims: no identity check, no camera to tell, somebody else at the counter.
import type {
  CameraStatus,
  Heartbeat,
  IdentityCheck,
  Institution,
  Presence,
  Reversal,
  Settlement,
  StaffPresence,
} from '@yunjian/contracts';
import { CLOCK_AHEAD_MS, type DetectorHost, EVIDENCE_KEPT_MS, type WindowedLogic } from '@yunjian/detection';
import { type House, IdentityBook, type KeptSettlement, type Verdict } from './book.ts';
import { claimOf, mismatchClaim, mismatchEvidence } from './claims.ts';
import { type CoverRule, judgeComponent } from './cover.ts';
import { dueAfter, noteShown } from './judge.ts';
import type { IdentityParams } from './params.ts';

type Sign = Heartbeat | IdentityCheck | Presence | CameraStatus | StaffPresence;

export class IdentityLogic implements WindowedLogic {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #book: IdentityBook;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<IdentityParams>) {
    this.#host = host;
    this.#book = new IdentityBook(host);
    this.on = {
      settlement: (event) => this.#settle(event),
      reversal: (event) => this.#reverse(event),
      identityCheck: (event) => this.#check(event),
      presence: (event) => this.#sign(event),
      staffPresence: (event) => this.#sign(event),
      cameraStatus: (event) => this.#sign(event),
      heartbeat: (event) => this.#sign(event),
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#book.restore();
    for (const [, settlement] of this.#book.all()) {
      const house = this.#book.house(settlement.institution);
      const covered = judgeComponent([settlement], house, this.#rule(settlement.institution)).get(settlement) === true;
      this.#setOpen(house, settlement, !covered && this.#competes(settlement));
      if (this.#verdict(settlement) > settlement.told) this.#await(settlement);
    }
  }

  onTimer(id: string): void {
    const bar = id.indexOf('|');
    const settlement = this.#book.settlement(id.slice(0, bar), id.slice(bar + 1));
    if (settlement !== undefined) this.#judge([settlement]);
  }

  onMark(): void {
    this.#book.prune(this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS - 3_600_000);
  }

  #settle(event: Settlement): void {
    const {
      institution,
      settlementId: id,
      messageId,
      eventTime: at,
      arrival,
      person,
      terminal,
      byAgent,
      certificate,
      fund,
    } = event;
    const before = this.#book.settlement(institution, id);
    const reversal = this.#book.reversalOf(institution, id, messageId);
    const settlement: KeptSettlement = {
      institution,
      id,
      messageId,
      at,
      arrival,
      person,
      terminal,
      byAgent,
      fund,
      remote: certificate === '01' && terminal === null,
      told: before?.told ?? 0,
      mismatch: before?.mismatch ?? 0,
      touched: arrival,
      shown: {},
      reversal: reversal === null ? null : { id: reversal.id, at: reversal.at },
    };
    const { deadline } = this.#window(settlement);
    for (const camera of this.#cameras(settlement))
      noteShown(settlement, camera, deadline, this.#host.devices.lastArrival(camera), this.#host);
    this.#book.keep(settlement);
    this.#judge([settlement]);
  }

  #reverse(event: Reversal): void {
    const { institution, settlementId: id, eventTime: at, arrival, originalId, originalMessageId } = event;
    const [by, ref] =
      originalId !== null ? (['s', originalId] as const) : (['m', originalMessageId as string] as const);
    this.#book.keepReversal(institution, by, ref, { id, at, arrival });
    const settlement = by === 's' ? this.#book.settlement(institution, ref) : this.#book.byMessage(institution, ref);
    if (settlement === undefined || (settlement.reversal !== null && settlement.reversal.at <= at)) return;
    settlement.reversal = { id, at };
    settlement.touched = Math.max(settlement.touched, arrival);
    this.#book.keep(settlement);
    this.#judge([settlement], settlement);
  }

  #check(event: IdentityCheck): void {
    const { institution, document: key, eventTime: at, arrival, device, terminal, person, similarity } = event;
    const { evidence } = event.cold.get();
    this.#book.keepCheck({
      institution,
      key,
      at,
      arrival,
      device,
      terminal,
      person,
      similarity,
      passed: event.result === 'passed',
      uri: evidence?.uri ?? null,
      sha256: evidence?.sha256 ?? null,
    });
    this.#sign(event);
    const house = this.#book.house(institution);
    const { before, after } = this.#host.params(institution);
    const touched = [...house.byTime.between(at - after * 1000, at + before * 1000)].filter(
      (s) => person === null || s.byAgent || s.person === person || s.told > 0 || this.#isOpen(house, s),
    );
    for (const settlement of touched) settlement.touched = Math.max(settlement.touched, arrival);
    this.#judge(touched);
  }

  /** Any record of a device: it may show a deadline, fill a gap, open an outage. Only uncovered settlements care. */
  #sign(event: Sign): void {
    if (event.device === null) return;
    const open = this.#book.house(event.institution).open.get(event.device);
    if (open === undefined || open.size === 0) return;
    const { device, eventTime, arrival } = event;
    const ordinary =
      event.kind !== 'cameraStatus' &&
      eventTime >= this.#host.devices.clock(device) &&
      eventTime - arrival <= CLOCK_AHEAD_MS;
    for (const settlement of [...open]) {
      if (ordinary && settlement.shown[device] !== undefined) continue;
      const { start, deadline } = this.#window(settlement);
      const inside = eventTime >= start && eventTime <= deadline;
      const shown = noteShown(settlement, device, deadline, arrival, this.#host);
      const changed = !ordinary && this.#verdict(settlement) !== settlement.told;
      if (!inside && !shown && !changed) continue;
      if (inside || changed) settlement.touched = Math.max(settlement.touched, arrival);
      this.#consider(settlement, false);
    }
  }

  #register(event: Institution): void {
    const touched = [...this.#book.house(event.institution).settlements.values()].filter(
      (s) => s.at >= event.eventTime,
    );
    for (const settlement of touched) {
      settlement.touched = Math.max(settlement.touched, event.arrival);
      const { deadline } = this.#window(settlement);
      for (const camera of this.#cameras(settlement))
        noteShown(settlement, camera, deadline, this.#host.devices.lastArrival(camera), this.#host);
    }
    this.#judge(touched);
  }

  /** Looks at settlements and at all that compete with them for nameless checks. `changed`: one whose facts changed anyway. */
  #judge(settlements: readonly KeptSettlement[], changed: KeptSettlement | null = null): void {
    const [first] = settlements;
    if (first === undefined) return;
    const house = this.#book.house(first.institution);
    for (const [settlement, covered] of judgeComponent(settlements, house, this.#rule(first.institution))) {
      this.#setOpen(house, settlement, !covered && this.#competes(settlement));
      this.#consider(settlement, settlement === changed);
    }
  }

  #consider(settlement: KeptSettlement, factsChanged: boolean): void {
    const verdict = this.#verdict(settlement);
    if (verdict < settlement.told) this.#tell(settlement, settlement.told === 2 && verdict === 1 ? 0 : verdict);
    if (verdict > settlement.told) {
      if (this.#await(settlement)) {
        if (this.#tooOld(settlement)) this.#host.count('too_old');
        else this.#tell(settlement, verdict);
      }
    } else {
      this.#host.timers.cancel(`${settlement.institution}|${settlement.id}`);
      if (factsChanged && settlement.told > 0)
        this.#say(settlement, settlement.told, 'raise', 'a reversal was received');
      if (settlement.told === 2 && this.#tellMismatch(settlement))
        this.#say(settlement, 2, 'raise', 'somebody else was seen at the counter');
    }
    this.#book.keep(settlement);
  }

  /** Whether a graver judgement is due; if not, a timer is armed for when it may be. */
  #await(settlement: KeptSettlement): boolean {
    const { clocks, timers } = this.#host;
    const timer = `${settlement.institution}|${settlement.id}`;
    const due = dueAfter(settlement, this.#cameras(settlement), this.#window(settlement).deadline, this.#host);
    if (clocks.at('observed') <= due) timers.arm(timer, 'observed', due);
    else if (clocks.at('reference') <= settlement.arrival) timers.arm(timer, 'reference', settlement.arrival);
    else return true;
    return false;
  }

  #tell(settlement: KeptSettlement, verdict: Verdict): void {
    const before = settlement.told;
    settlement.told = verdict;
    if (before === verdict) return;
    if (before > 0) this.#say(settlement, before, 'withdraw', this.#excuse(settlement, verdict));
    this.#tellMismatch(settlement);
    if (verdict > 0)
      this.#say(
        settlement,
        verdict,
        'raise',
        verdict === 2 ? 'no identity check in the window' : 'no check and no camera that could tell',
      );
  }

  #tellMismatch(settlement: KeptSettlement): boolean {
    const seen =
      settlement.told === 2
        ? mismatchEvidence(settlement, this.#book.house(settlement.institution), this.#rule(settlement.institution))
        : [];
    if (seen.length === settlement.mismatch) return false;
    if (seen.length > 0)
      this.#host.raise(
        mismatchClaim(settlement, this.#view(settlement), seen, 'somebody else was seen at the counter'),
      );
    else
      this.#host.withdraw(
        mismatchClaim(settlement, this.#view(settlement), seen, 'the settlement is no longer uncovered'),
      );
    settlement.mismatch = seen.length;
    return true;
  }

  #excuse(settlement: KeptSettlement, verdict: Verdict): string {
    if (verdict === 2) return 'the camera was alive after all';
    if (settlement.reversal !== null && settlement.reversal.at <= this.#window(settlement).deadline)
      return 'the settlement was reversed in time';
    return this.#isOpen(this.#book.house(settlement.institution), settlement)
      ? 'the camera was not alive'
      : 'a check covers it';
  }

  #say(settlement: KeptSettlement, verdict: Verdict, action: 'raise' | 'withdraw', reason: string): void {
    this.#host[action](
      claimOf(settlement, verdict, this.#view(settlement), this.#host.params(settlement.institution), reason),
    );
  }

  #view(settlement: KeptSettlement) {
    const { start, deadline } = this.#window(settlement);
    const cameras = this.#cameras(settlement).map((device) => ({
      device,
      ...this.#host.devices.liveness(device, start, deadline),
    }));
    return {
      start,
      deadline,
      cameras,
      checks: [...this.#book.house(settlement.institution).checksByTime.between(start, deadline)],
    };
  }

  #verdict(settlement: KeptSettlement): Verdict {
    if (!this.#isOpen(this.#book.house(settlement.institution), settlement)) return 0;
    const { start, deadline } = this.#window(settlement);
    return this.#cameras(settlement).every((camera) => this.#host.devices.liveness(camera, start, deadline).alive)
      ? 2
      : 1;
  }

  /** Whether the settlement could make a claim: supervised by a camera, in person, not reversed in time. */
  #competes(settlement: KeptSettlement): boolean {
    if (settlement.remote || this.#cameras(settlement).length === 0) return false;
    return settlement.reversal === null || settlement.reversal.at > this.#window(settlement).deadline;
  }

  #cameras({ institution, terminal, at }: KeptSettlement): string[] {
    return this.#host.registry.cameras(institution, terminal, at) ?? [];
  }

  #window({ institution, at }: KeptSettlement): { start: number; deadline: number } {
    const { before, after } = this.#host.params(institution);
    return { start: at - before * 1000, deadline: at + after * 1000 };
  }

  #tooOld(settlement: KeptSettlement): boolean {
    return this.#window(settlement).start < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  #rule(institution: string): CoverRule {
    const { before, after } = this.#host.params(institution);
    return {
      beforeMs: before * 1000,
      afterMs: after * 1000,
      terminalOf: (check) =>
        check.terminal ?? this.#host.registry.terminalOf(check.institution, check.device, check.at),
      competes: (settlement) => this.#competes(settlement),
    };
  }

  #isOpen(house: House, settlement: KeptSettlement): boolean {
    return this.#cameras(settlement).some((camera) => house.open.get(camera)?.has(settlement) === true);
  }

  #setOpen(house: House, settlement: KeptSettlement, open: boolean): void {
    for (const [camera, set] of house.open)
      if (!open || !this.#cameras(settlement).includes(camera)) set.delete(settlement);
    if (!open) return;
    for (const camera of this.#cameras(settlement)) {
      const set = house.open.get(camera);
      if (set === undefined) house.open.set(camera, new Set([settlement]));
      else set.add(settlement);
    }
  }
}
