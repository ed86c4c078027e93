// A steady town for a soak: cameras that beat, visits that are checked and settled, an hour like any other. Times are lane time, ms.
import { encodeLane, FEED_OF, FEEDS, type Mark, type RawEventType } from '@yunjian/contracts';
import type { OutRecord } from '@yunjian/kafka';
import { type RouteOptions, route } from '@yunjian/service-ingest';
import type { RawEvent } from '../chain/load.ts';

const INSTITUTIONS = 200;
/** Below the 60 s that would be a gap in a camera's life. */
const BEAT_MS = 50_000;
const VISIT_MS = 2_000;
const MARK_MS = 20_000;
/** A visit's settlement follows its check by this. */
const TILL_MS = 60_000;
const UNCHECKED = 33;

const codeOf = (n: number) => `P${32_110_000_000 + n}`;
const deviceOf = (n: number) => `32110000001320${100_000 + n}`;

/** Lays what happens in this town into lane.institution, one step of lane time after the other. */
export class TownLife {
  readonly #options: RouteOptions;
  #now: number;
  #offset = 0;
  #step = 0;

  /** @param start lane time at which the town opens, ms */
  constructor(options: RouteOptions, start: number) {
    this.#options = options;
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** Every institution with its camera. */
  registrations(): OutRecord[] {
    return Array.from({ length: INSTITUTIONS }, (_, n) =>
      this.#lay({
        event_type: 'institution',
        ...this.#base(`i${n}`, n, this.#now),
        name: codeOf(n),
        kind: 'pharmacy',
        // Without hours whatever is settled at night is an alert, and what it rests on is kept for 400 days.
        open_hours: '00:00-24:00',
        counters: [{ dev_no: 'D1', device_id: deviceOf(n) }],
      }),
    ).flat();
  }

  /** Records up to a lane time. */
  *until(end: number): Generator<OutRecord[]> {
    const stepMs = BEAT_MS / INSTITUTIONS;
    for (; this.#now < end; this.#now += stepMs, this.#step++) {
      const records = this.#lay({
        event_type: 'heartbeat',
        ...this.#base(`b${this.#step}`, this.#step % INSTITUTIONS, this.#now),
        device_id: deviceOf(this.#step % INSTITUTIONS),
      });
      if (this.#every(VISIT_MS, stepMs)) records.push(...this.#visit(Math.floor((this.#step * stepMs) / VISIT_MS)));
      if (this.#every(MARK_MS, stepMs)) records.push(...this.#marks());
      yield records;
    }
  }

  #every(periodMs: number, stepMs: number): boolean {
    return Math.floor((this.#step * stepMs) / periodMs) !== Math.floor(((this.#step - 1) * stepMs) / periodMs);
  }

  #visit(n: number): OutRecord[] {
    const records: OutRecord[] = [];
    const of = (visit: number) => ({
      ...this.#base(`v${visit}`, visit % INSTITUTIONS, this.#now),
      psn_no: `p${visit % 50_000}`,
      dev_no: 'D1',
    });
    if (n % UNCHECKED !== 0)
      records.push(
        ...this.#lay({
          event_type: 'identity_check',
          ...of(n),
          device_id: deviceOf(n % INSTITUTIONS),
          result: 'passed',
          method: 'face',
          similarity: 0.97,
        }),
      );
    const settled = n - TILL_MS / VISIT_MS;
    if (settled >= 0)
      records.push(
        ...this.#lay({
          event_type: 'settlement',
          ...of(settled),
          event_id: `s${settled}`,
          setl_id: `S${settled}`,
          mdtrt_cert_type: '02',
          med_type: '41',
          medfee_sumamt: 123.45,
          fund_pay_sumamt: 100.05,
          feedetl: [
            {
              feedetl_sn: '1',
              med_list_codg: 'XA02BCA049A001010100483',
              cnt: 1,
              pric: 123.45,
              det_item_fee_sumamt: 123.45,
            },
          ],
        }),
      );
    return records;
  }

  #base(event_id: string, n: number, at: number): RawEvent {
    return { event_id, source: 'soak', event_time: new Date(at).toISOString(), fixmedins_code: codeOf(n) };
  }

  #lay(event: RawEvent): OutRecord[] {
    const feed = FEED_OF[event.event_type as RawEventType];
    const value = Buffer.from(JSON.stringify(event));
    const routed = route({ feed, partition: 0, offset: this.#offset++, arrival: this.#now, value }, this.#options);
    if (!routed.ok) throw new Error(`the town holds an invalid event: ${JSON.stringify(routed.issues)}`);
    return routed.outputs
      .filter(({ lane }) => lane === 'institution')
      .map(({ key, value: laid, partition }) => ({ key, value: laid, partition }));
  }

  #marks(): OutRecord[] {
    const entries = FEEDS.map((feed) => ({
      feed,
      partition: 0,
      next: this.#offset,
      arrival: this.#now,
      lastEvent: this.#now,
    }));
    const partitions = Object.fromEntries(FEEDS.map((feed) => [feed, 1])) as Mark['partitions'];
    const value = encodeLane({ kind: 'mark', entries, partitions });
    return Array.from({ length: this.#options.lanePartitions }, (_, partition) => ({ value, partition }));
  }
}
