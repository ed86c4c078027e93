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
import { IdentityBook, type KeptSettlement, type Verdict } from './book.ts';
import { claimOf, mismatchClaim, mismatchEvidence } from './claims.ts';
import { inOrder, judgeComponent } from './cover.ts';
import { dueAfter, noteShown } from './judge.ts';
import type { IdentityParams } from './params.ts';
import { Windows } from './windows.ts';

type Sign = Heartbeat | IdentityCheck | Presence | CameraStatus | StaffPresence;

export class IdentityLogic implements WindowedLogic {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #book: IdentityBook;
  readonly #windows: Windows;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<IdentityParams>) {
    this.#host = host;
    this.#book = new IdentityBook(host);
    this.#windows = new Windows(host, this.#book);
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
      const covered =
        judgeComponent([settlement], house, this.#windows.rule(settlement.institution)).get(settlement) === true;
      this.#windows.setOpen(house, settlement, !covered && this.#windows.competes(settlement));
      if (this.#windows.verdict(settlement) > settlement.told) this.#await(settlement);
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
    const { institution, settlementId: id, messageId, eventTime: at, arrival, certificate } = event;
    const { person, terminal, byAgent, fund } = event;
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
    this.#noteShown(settlement);
    this.#book.keep(settlement);
    this.#judge([settlement, ...this.#besideChecksOf(settlement)]);
  }

  /** Settlements said to be somebody else's because of a check that turns out to be this settlement's own. */
  #besideChecksOf({ institution, person }: KeptSettlement): KeptSettlement[] {
    const house = this.#book.house(institution);
    const { before, after } = this.#host.params(institution);
    const beside: KeptSettlement[] = [];
    for (const check of house.checks.get(person) ?? [])
      for (const other of house.byTime.between(check.at - after * 1000, check.at + before * 1000))
        if (other.mismatch > 0) beside.push(other);
    return beside;
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
    if (this.#windows.tooOld(settlement)) this.#reverseOld(settlement, at);
    else this.#judge([settlement], settlement);
  }

  /** Behind 48 h there is no evidence left to judge; the reversal alone decides. */
  #reverseOld(settlement: KeptSettlement, at: number): void {
    if (settlement.told === 0) return;
    if (at <= this.#windows.window(settlement).deadline) {
      this.#windows.setOpen(this.#book.house(settlement.institution), settlement, false);
      this.#tell(settlement, 0);
    } else this.#say(settlement, settlement.told, 'raise', 'a reversal was received');
    this.#book.keep(settlement);
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
      skipped: event.result === 'skipped',
      uri: evidence?.uri ?? null,
      sha256: evidence?.sha256 ?? null,
    });
    this.#sign(event);
    const house = this.#book.house(institution);
    const { before, after } = this.#host.params(institution);
    const touched = [...house.byTime.between(at - after * 1000, at + before * 1000)].filter(
      (s) => person === null || s.byAgent || s.person === person || s.told > 0 || this.#windows.isOpen(house, s),
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
    for (const settlement of [...open].sort(inOrder)) {
      if (ordinary && settlement.shown[device] !== undefined) continue;
      const { start, deadline } = this.#windows.window(settlement);
      const inside = eventTime >= start && eventTime <= deadline;
      const shown = noteShown(settlement, device, deadline, arrival, this.#host);
      const changed = !ordinary && this.#windows.verdict(settlement) !== settlement.told;
      if (!inside && !shown && !changed) continue;
      if (inside || changed) settlement.touched = Math.max(settlement.touched, arrival);
      this.#consider(settlement, false);
    }
  }

  #register(event: Institution): void {
    const { after } = this.#host.params(event.institution);
    const touched = [...this.#book.house(event.institution).settlements.values()].filter(
      (s) => s.at + after * 1000 >= event.eventTime && !this.#windows.tooOld(s),
    );
    for (const settlement of touched) {
      settlement.touched = Math.max(settlement.touched, event.arrival);
      this.#noteShown(settlement);
    }
    this.#judge(touched);
  }

  /** Devices that had shown the deadline before they were asked for it. */
  #noteShown(settlement: KeptSettlement): void {
    const { deadline } = this.#windows.window(settlement);
    for (const camera of this.#windows.cameras(settlement))
      noteShown(settlement, camera, deadline, this.#host.devices.lastArrival(camera), this.#host);
  }

  /** Looks at settlements and at all that compete with them for nameless checks. `changed`: one whose facts changed anyway. */
  #judge(settlements: readonly KeptSettlement[], changed: KeptSettlement | null = null): void {
    const [first] = settlements;
    if (first === undefined) return;
    const house = this.#book.house(first.institution);
    const component = [...judgeComponent(settlements, house, this.#windows.rule(first.institution))];
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const [settlement, covered] of component.sort(([a], [b]) => inOrder(a, b))) {
      this.#windows.setOpen(house, settlement, !covered && this.#windows.competes(settlement));
      this.#consider(settlement, settlement === changed);
    }
  }

  #consider(settlement: KeptSettlement, factsChanged: boolean): void {
    const found = this.#windows.verdict(settlement);
    // Behind 48 h the cameras' lives are forgotten: a check or a reversal still excuses, nothing else changes.
    const verdict = found > 0 && this.#windows.tooOld(settlement) && settlement.told > 0 ? settlement.told : found;
    if (verdict < settlement.told) this.#tell(settlement, settlement.told === 2 && verdict === 1 ? 0 : verdict);
    if (verdict > settlement.told) {
      if (this.#await(settlement)) {
        if (this.#windows.tooOld(settlement)) this.#host.count('too_old');
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
    const due = dueAfter(
      settlement,
      this.#windows.cameras(settlement),
      this.#windows.window(settlement).deadline,
      this.#host,
    );
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
        ? mismatchEvidence(
            settlement,
            this.#book.house(settlement.institution),
            this.#windows.rule(settlement.institution),
          )
        : [];
    if (seen.length === settlement.mismatch) return false;
    if (seen.length > 0)
      this.#host.raise(
        mismatchClaim(settlement, this.#windows.view(settlement), seen, 'somebody else was seen at the counter'),
      );
    else
      this.#host.withdraw(
        mismatchClaim(settlement, this.#windows.view(settlement), seen, 'the settlement is no longer uncovered'),
      );
    settlement.mismatch = seen.length;
    return true;
  }

  #excuse(settlement: KeptSettlement, verdict: Verdict): string {
    if (verdict === 2) return 'the camera was alive after all';
    if (settlement.reversal !== null && settlement.reversal.at <= this.#windows.window(settlement).deadline)
      return 'the settlement was reversed in time';
    return this.#windows.isOpen(this.#book.house(settlement.institution), settlement)
      ? 'the camera was not alive'
      : 'a check covers it';
  }

  #say(settlement: KeptSettlement, verdict: Verdict, action: 'raise' | 'withdraw', reason: string): void {
    this.#host[action](
      claimOf(settlement, verdict, this.#windows.view(settlement), this.#host.params(settlement.institution), reason),
    );
  }
}
