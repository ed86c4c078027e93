// One judgement over a settlement's window, three claims: no identity check, no camera to tell, somebody else at the counter.
import type { IdentityCheck, Institution, Reversal, Settlement } from '@yunjian/contracts';
import {
  CLOCK_AHEAD_MS,
  type DetectorHost,
  type DeviceRecord,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type WindowedLogic,
} from '@yunjian/detection';
import { IdentityBook } from './book.ts';
import { type CoverRule, inOrder, isCoveredByName, judgeComponent, judgeEach } from './cover.ts';
import type { House } from './house.ts';
import { noteShown } from './judge.ts';
import { type KeptSettlement, newlyKept } from './kept.ts';
import type { IdentityParams } from './params.ts';
import { Telling } from './telling.ts';
import { Waiting } from './waiting.ts';
import { Windows } from './windows.ts';

export class IdentityLogic implements WindowedLogic {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #book: IdentityBook;
  readonly #windows: Windows;
  readonly #telling: Telling;
  readonly #waiting: Waiting;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<IdentityParams>) {
    this.#host = host;
    this.#book = new IdentityBook(host);
    this.#windows = new Windows(host);
    this.#telling = new Telling(host, this.#book, this.#windows);
    this.#waiting = new Waiting(host, this.#windows);
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      identityCheck: (event, news) => this.#check(event, news),
      presence: (event) => this.#sign(event),
      staffPresence: (event) => this.#sign(event),
      cameraStatus: (event) => this.#sign(event),
      heartbeat: (event) => this.#sign(event),
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#book.restore(this.#forgottenBefore());
    const isCovered = judgeEach();
    for (const settlement of this.#book.all()) {
      const house = this.#book.house(settlement.institution);
      const covered = isCovered(settlement, house, this.#windows.rule(settlement.institution));
      this.#windows.setOpen(house, settlement, !covered && this.#windows.competes(settlement));
      if (this.#windows.verdict(settlement) > settlement.told) this.#waiting.isDue(settlement);
    }
  }

  onTimer(id: string): void {
    const bar = id.indexOf('|');
    const settlement = this.#book.settlement(id.slice(0, bar), id.slice(bar + 1));
    if (settlement === undefined) return;
    settlement.waiting = false;
    this.#judge(this.#book.house(settlement.institution), [settlement]);
  }

  onMark(): void {
    this.#book.prune(this.#forgottenBefore());
  }

  /** Arrival, ms. */
  #forgottenBefore(): number {
    return this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS - 3_600_000;
  }

  #settle(event: Settlement, news: DocumentNews): void {
    const { institution, settlementId: id, messageId, eventTime: at, arrival, certificate } = event;
    const { person, terminal, byAgent, fund } = event;
    const house = this.#book.house(institution);
    const rule = this.#windows.rule(institution);
    // What replaces another document of a settlement takes over what was said of it.
    const before = news.replaces === null ? undefined : this.#book.settlement(institution, id);
    const remote = certificate === '01' && terminal === null;
    const settlement = newlyKept({ institution, id, messageId, at, arrival, person, terminal, byAgent, remote, fund });
    settlement.told = before?.told ?? 0;
    settlement.mismatch = before?.mismatch ?? 0;
    settlement.reversal = this.#host.reversals.of(institution, id, messageId);
    this.#noteShown(house, settlement, at + rule.afterMs);
    const beside = house.mismatched === 0 ? [] : this.#besideChecksOf(settlement, house, rule);
    if (before === undefined && this.#rests(settlement, house, rule) && this.#book.rest(event, house)) {
      this.#judge(house, beside);
      return;
    }
    this.#book.keep(settlement, before);
    this.#judge(house, [settlement, ...beside]);
  }

  /** Whether nothing is to be said of a new settlement, and nothing to be waited for, unless something comes that concerns it. */
  #rests(settlement: KeptSettlement, house: House, rule: CoverRule): boolean {
    if (settlement.byAgent || settlement.shown !== null || settlement.reversal !== null) return false;
    if (!house.nameless.empty) return false;
    return isCoveredByName(settlement, house, rule) || !this.#windows.competes(settlement);
  }

  /** Settlements said to be somebody else's because of a check that turns out to be this settlement's own. */
  #besideChecksOf({ person }: KeptSettlement, house: House, { beforeMs, afterMs }: CoverRule): KeptSettlement[] {
    const beside: KeptSettlement[] = [];
    for (const check of house.checksOf(person))
      for (const other of house.awake(check.at - afterMs, check.at + beforeMs))
        if (other.mismatch > 0) beside.push(other);
    return beside;
  }

  #reverse(event: Reversal): void {
    const { institution, settlementId: id, eventTime: at, arrival } = event;
    const house = this.#book.house(institution);
    for (const settlement of this.#book.named(event)) {
      if (settlement.reversal !== null && settlement.reversal.at <= at) continue;
      settlement.reversal = { id, at };
      settlement.touched = Math.max(settlement.touched, arrival);
      this.#book.changed(settlement);
      if (this.#windows.tooOld(settlement)) this.#reverseOld(house, settlement, at);
      else this.#judge(house, [settlement], settlement);
    }
  }

  /** Behind 48 h there is no evidence left to judge; the reversal alone decides. */
  #reverseOld(house: House, settlement: KeptSettlement, at: number): void {
    if (settlement.told === 0) return;
    if (at <= this.#windows.window(settlement).deadline) {
      this.#windows.setOpen(house, settlement, false);
      this.#telling.verdict(house, settlement, 0);
    } else this.#telling.say(house, settlement, settlement.told, 'raise', 'a reversal was received');
  }

  #check(event: IdentityCheck, news: DocumentNews): void {
    const { institution, eventTime: at, arrival, person } = event;
    const house = this.#book.keepCheck(event, news.replaces !== null);
    this.#sign(event);
    const { beforeMs, afterMs } = this.#windows.rule(institution);
    const concerned = house.concernedBy(person, at - afterMs, at + beforeMs);
    if (concerned.length === 0) return;
    for (const settlement of concerned) this.#touch(settlement, arrival);
    // Of what is uncovered and waits, the check of another says nothing yet.
    const judged = concerned
      .filter(
        (settlement) => settlement.told > 0 || settlement.byAgent || person === null || settlement.person === person,
      )
      .sort(inOrder);
    this.#judgeAnew(house, judged, 'a check was received');
  }

  /** Of what stands as before something more is known, though nothing else follows from it. */
  #judgeAnew(house: House, settlements: readonly KeptSettlement[], reason: string): void {
    const before = settlements.map(({ told }) => told);
    this.#judge(house, settlements);
    settlements.forEach((settlement, i) => {
      if (settlement.told > 0 && settlement.told === before[i]) this.#amend(house, settlement, reason);
    });
  }

  /** Facts of what stands have changed, but for those that are forgotten by now. */
  #amend(house: House, settlement: KeptSettlement, reason: string): void {
    if (!this.#windows.tooOld(settlement)) this.#telling.amend(house, settlement, reason);
  }

  /** A record within its window was read. Until the deadline that says nothing: the claim waits for it anyway. */
  #touch(settlement: KeptSettlement, arrival: number): void {
    if (arrival <= settlement.touched || arrival <= this.#windows.window(settlement).deadline) return;
    settlement.touched = arrival;
    this.#book.changed(settlement);
  }

  /** Any record of a device: it may show a deadline, fill a gap, open an outage. Only uncovered settlements care. */
  #sign(event: DeviceRecord): void {
    if (event.device === null) return;
    const house = this.#book.house(event.institution);
    const open = house.open.get(event.device);
    if (open === undefined || open.all.empty) return;
    const { device, eventTime, arrival } = event;
    const ordinary =
      event.kind !== 'cameraStatus' &&
      eventTime >= this.#host.devices.clock(device) &&
      eventTime - arrival <= CLOCK_AHEAD_MS;
    const life = this.#host.devices.changed;
    // An ordinary record says something new to those alone that wait for it.
    const listening = ordinary ? open.unshown : open.all;
    if (listening.empty) return;
    for (const settlement of listening.all().sort(inOrder)) {
      const { start, deadline } = this.#windows.window(settlement);
      const inside = eventTime >= start && eventTime <= deadline;
      const shown = noteShown(settlement, device, deadline, arrival, this.#host);
      if (shown) open.unshown.delete(settlement);
      const within = !ordinary && life !== null && life.from <= deadline && life.to >= start;
      const changed = within && this.#windows.verdict(settlement) !== settlement.told;
      const { told } = settlement;
      if (!inside && !shown && !changed && !(told === 1 && (ordinary || within))) continue;
      if (shown) this.#book.changed(settlement);
      if (inside || changed) this.#touch(settlement, arrival);
      // What waits is judged when its timer fires.
      if (!shown && !changed && told === 0 && settlement.waiting) continue;
      this.#consider(house, settlement, false);
      // What a check in the window says is told when it has been judged.
      if (told === 1 && settlement.told === 1 && !(inside && event.kind === 'identityCheck'))
        this.#amend(house, settlement, 'more is known of the camera');
    }
  }

  #register(event: Institution): void {
    const house = this.#book.house(event.institution);
    const { afterMs } = this.#windows.rule(event.institution);
    const touched = house
      .settledBetween(event.eventTime - afterMs, Number.POSITIVE_INFINITY)
      .filter((settlement) => !this.#windows.tooOld(settlement))
      .sort(inOrder);
    for (const settlement of touched) {
      this.#touch(settlement, event.arrival);
      if (this.#noteShown(house, settlement, settlement.at + afterMs)) this.#book.changed(settlement);
    }
    this.#judgeAnew(house, touched, 'a registration was received');
  }

  /** Devices that had shown the deadline, ms, before they were asked for it; whether there was one. */
  #noteShown(house: House, settlement: KeptSettlement, deadline: number): boolean {
    if (this.#host.devices.latest < deadline) return false;
    let shown = false;
    for (const camera of this.#windows.cameras(settlement))
      if (noteShown(settlement, camera, deadline, this.#host.devices.lastArrival(camera), this.#host)) {
        house.open.get(camera)?.unshown.delete(settlement);
        shown = true;
      }
    return shown;
  }

  /** Looks at settlements and at all that compete with them for nameless checks. `changed`: one whose facts changed anyway. */
  #judge(house: House, settlements: readonly KeptSettlement[], changed: KeptSettlement | null = null): void {
    const [first] = settlements;
    if (first === undefined) return;
    if (settlements.length === 1 && house.nameless.empty) {
      const covered = isCoveredByName(first, house, this.#windows.rule(first.institution));
      this.#windows.setOpen(house, first, !covered && this.#windows.competes(first));
      this.#consider(house, first, first === changed);
      return;
    }
    const component = [...judgeComponent(settlements, house, this.#windows.rule(first.institution))];
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const [settlement, covered] of component.sort(([a], [b]) => inOrder(a, b))) {
      this.#windows.setOpen(house, settlement, !covered && this.#windows.competes(settlement));
      this.#consider(house, settlement, settlement === changed);
    }
  }

  #consider(house: House, settlement: KeptSettlement, factsChanged: boolean): void {
    // Nothing stands and nothing could: so it is with nearly every settlement.
    if (settlement.openAt === null && settlement.told === 0 && !settlement.waiting) return;
    const found = this.#windows.verdict(settlement);
    // Behind 48 h the cameras' lives are forgotten: a check or a reversal still excuses, nothing else changes.
    const verdict = found > 0 && this.#windows.tooOld(settlement) && settlement.told > 0 ? settlement.told : found;
    if (verdict < settlement.told)
      this.#telling.verdict(house, settlement, settlement.told === 2 && verdict === 1 ? 0 : verdict);
    if (verdict > settlement.told) {
      if (this.#waiting.isDue(settlement)) {
        if (this.#windows.tooOld(settlement)) this.#host.count('too_old');
        else this.#telling.verdict(house, settlement, verdict);
      }
    } else {
      this.#waiting.stop(settlement);
      if (factsChanged && settlement.told > 0) this.#telling.amend(house, settlement, 'a reversal was received');
      if (settlement.told === 2 && this.#telling.mismatch(house, settlement))
        this.#telling.say(house, settlement, 2, 'raise', 'somebody else was seen at the counter');
    }
  }
}
