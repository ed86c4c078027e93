// Settlements whose readings are all 0, judged once everything that could show somebody has been read; three cards in ten minutes are grave.
import { type Institution, type Presence, type Reversal, type Settlement, yuan } from '@yunjian/contracts';
import {
  cameraEvidence,
  type DetectorHost,
  type DeviceRecord,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type Raise,
  type WindowedLogic,
} from '@yunjian/detection';
import { type Bill, billEvidence, excuses, reversalFacts } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { CameraWatch, type Window } from '../camera-watch.ts';
import { type PresenceBook, presenceOf } from '../presence-runs.ts';
import { EmptyClips } from './clips.ts';
import type { EmptySwipeParams } from './params.ts';

export class EmptySwipeLogic implements WindowedLogic {
  readonly #host: DetectorHost<EmptySwipeParams>;
  readonly #bills: Bills;
  readonly #presence: PresenceBook;
  readonly #watch: CameraWatch;
  readonly #clips: EmptyClips;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<EmptySwipeParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#presence = presenceOf(host);
    this.#watch = new CameraWatch(host, this.#bills, (bill) => this.#window(bill));
    this.#clips = new EmptyClips(host, this.#bills);
    const sign = (event: DeviceRecord) => this.#sign(event);
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      presence: (event) => this.#read(event),
      identityCheck: sign,
      staffPresence: sign,
      cameraStatus: sign,
      heartbeat: sign,
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#watch.restore();
    this.#clips.restore();
    for (const { institution, byTime } of this.#bills.houses()) {
      if (!this.#presence.isReadAt(institution)) continue;
      for (const bill of byTime.all()) {
        if (this.#watch.tooOld(bill)) continue;
        const empty = this.#isEmpty(bill);
        this.#watch.setOpen(bill, empty);
        if (empty && this.#watch.told(bill) === 0 && this.#watch.alive(bill)) this.#watch.isDue(bill);
      }
    }
  }

  onTimer(id: string): void {
    const bill = this.#watch.timed(id);
    if (bill !== undefined) this.#judge(bill, false);
  }

  #settle(event: Settlement, news: DocumentNews): void {
    // Home delivery and online orders: nobody is expected.
    if (event.certificate === '01' && event.terminal === null && news.replaces === null) return;
    const { bill, before } = this.#bills.taken(event);
    if (before !== undefined) this.#watch.replaced(before, bill);
    const told = this.#watch.told(bill);
    if (told === 0 && this.#watch.tooOld(bill)) this.#host.count('too_old');
    else this.#judge(bill, told > 0);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) {
      this.#watch.touch(bill, event.arrival);
      this.#judge(bill, true);
    }
  }

  #read(event: Presence): void {
    const { institution, eventTime, arrival, persons } = event;
    const news = this.#presence.news(event);
    this.#clips.take(event);
    const reach = this.#host.params(institution).around * 1000;
    // Somebody who is seen where nothing is doubted begins nothing.
    if (news !== null && (persons === 0 || this.#watch.knowsAnyAt(this.#bills.house(institution)))) {
      const from = Math.max(eventTime - reach, news.after + reach + 1);
      const to = Math.min(eventTime + reach, news.before - reach - 1);
      for (const bill of from > to ? [] : this.#bills.between(institution, from, to)) {
        this.#watch.touch(bill, arrival);
        this.#judge(bill, false);
      }
    }
    this.#sign(event);
  }

  #sign(event: DeviceRecord): void {
    for (const bill of this.#watch.sign(event)) this.#judge(bill, false);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    const { around } = this.#host.params(institution);
    const from = Math.max(eventTime - around * 1000, arrival - EVIDENCE_KEPT_MS);
    for (const bill of this.#bills.between(institution, from, Number.POSITIVE_INFINITY)) {
      this.#watch.touch(bill, arrival);
      this.#judge(bill, true);
    }
  }

  /** @param changed what is said of it changed, though it stands as before */
  #judge(bill: Bill, changed: boolean): void {
    const told = this.#watch.told(bill);
    const old = this.#watch.tooOld(bill);
    const empty = old ? told > 0 && !this.#isExcused(bill) : this.#isEmpty(bill);
    this.#watch.setOpen(bill, empty && !old);
    const stands = empty && (old || this.#watch.alive(bill));
    if (stands && told === 0) {
      if (!this.#watch.isDue(bill)) return;
      this.#watch.setTold(bill, 2);
      this.#grade(bill, 'nobody was seen at the counter', true);
    } else if (!stands && told > 0) {
      this.#watch.setTold(bill, 0);
      this.#host.withdraw(this.#claim(bill, told, this.#excuse(bill)));
      this.#clips.release(bill);
      this.#grade(bill, '', false);
    } else if (stands && changed) this.#host.raise(this.#claim(bill, told, 'what is known of it changed'));
  }

  /** Says it, if it is new, and whichever of those around it is of another level now. */
  #grade(bill: Bill, reason: string, isNew: boolean): void {
    const { cards } = this.#host.params(bill.institution);
    for (const near of this.#near(bill)) {
      const level = this.#cards(near) >= cards ? 1 : 2;
      // Of a group the number of cards is in the facts of each.
      if (near === bill ? !isNew : this.#watch.told(near) === level && level === 2) continue;
      this.#watch.setTold(near, level);
      this.#host.raise(this.#claim(near, level, near === bill ? reason : 'others of its ten minutes changed'));
    }
  }

  /** Empty swipes that stand at the same terminal, at most so far away, in order. */
  #near({ institution, terminal, at }: Bill): Bill[] {
    const reach = this.#host.params(institution).within * 60_000;
    return this.#bills
      .between(institution, at - reach, at + reach)
      .filter((bill) => this.#watch.told(bill) > 0 && bill.terminal === terminal);
  }

  /** The most persons whose cards were swiped at nobody within ten minutes that hold this settlement. */
  #cards(bill: Bill): number {
    const reach = this.#host.params(bill.institution).within * 60_000;
    const near = this.#near(bill);
    let most = 0;
    for (const { at } of near) {
      if (at > bill.at) break;
      const persons = new Set(near.flatMap((b) => (b.at >= at && b.at <= at + reach ? [b.person] : [])));
      most = Math.max(most, persons.size);
    }
    return most;
  }

  #isEmpty(bill: Bill): boolean {
    if (bill.remote) return false;
    const { start, deadline } = this.#window(bill);
    const { any, most } = this.#presence.seen(bill.institution, bill.terminal, bill.at, start, deadline);
    return any && most === 0 && this.#watch.cameras(bill).length > 0 && !this.#isExcused(bill);
  }

  #isExcused(bill: Bill): boolean {
    return excuses(this.#bills.reversalOf(bill), this.#window(bill).deadline);
  }

  #window({ institution, at }: Bill): Window {
    const around = this.#host.params(institution).around * 1000;
    return { start: at - around, deadline: at + around };
  }

  #excuse(bill: Bill): string {
    if (this.#isExcused(bill)) return 'the settlement was reversed in time';
    return this.#isEmpty(bill) ? 'the camera was not alive' : 'somebody was seen at the counter';
  }

  #claim(bill: Bill, level: number, reason: string): Raise {
    const { institution, id, at, fund, person, terminal } = bill;
    const window = this.#window(bill);
    const { start, deadline } = window;
    const reversal = this.#bills.reversalOf(bill);
    const cameras = this.#watch.cameras(bill);
    const { most } = this.#presence.seen(institution, terminal, at, start, deadline);
    return {
      subject: { kind: 'settlement', ref: id },
      institution,
      anchor: id,
      level: level === 1 ? 1 : 2,
      window: { start, end: deadline },
      eventTime: at,
      amount: fund,
      facts: {
        person,
        terminal,
        fund: yuan(fund),
        cameras,
        persons_seen: most,
        ...(level === 1 ? { cards_in_minutes: this.#cards(bill) } : {}),
        ...reversalFacts(reversal),
      },
      evidence: [
        ...billEvidence(id, reversal),
        ...cameras.map(cameraEvidence),
        ...this.#clips.cite(bill, cameras, window),
      ],
      reason,
    };
  }
}
