// Claims that rest on what cameras did not see: whether those were alive, and when a judgement is due (design: "Clocks and absence").
import { CLOCK_AHEAD_MS, type DetectorHost, type DeviceRecord, EVIDENCE_KEPT_MS } from '@yunjian/detection';
import { type Bill, type House, inOrder } from './bill.ts';
import type { Bills } from './bills.ts';
import { type Mark, Marks } from './marks.ts';
import { TimeIndex } from './time-index.ts';

/** Wait behind the last thing that was shown or that touched the window, ms (rule a). */
const SHOWN_WAIT_MS = 10_000;
/** Wait behind a device that has fallen silent, ms (rule b). */
const SILENT_WAIT_MS = 90_000;
const NO_CAMERAS: readonly string[] = [];
const NOBODY: readonly Bill[] = [];

export interface Window {
  start: number;
  deadline: number;
}

type Ports = Pick<DetectorHost<never>, 'table' | 'clocks' | 'devices' | 'registry' | 'timers'>;

interface WatchMark extends Mark {
  /** Arrival of the last record that touched the window, ms. */
  touched: number;
  /** By device: arrival of the record that showed the deadline, ms. */
  shown: Record<string, number> | null;
  /** Those it rests on, where a claim could be made as things stand. Built anew on restore. */
  openAt: readonly string[] | null;
  /** Instant for which a timer is armed, ms of the observed clock. Built anew on restore. */
  armed: number | null;
}

/** Bills of which a claim could be made as things stand, by the cameras it rests on. Built anew on restore. */
export class CameraWatch {
  readonly #host: Ports;
  readonly #bills: Bills;
  readonly #marks: Marks<WatchMark>;
  readonly #windowOf: (bill: Bill) => Window;
  readonly #open = new Map<string, TimeIndex<Bill>>();
  /** Of those, which wait for a record of the camera at or behind their deadline. */
  readonly #unshown = new Map<string, TimeIndex<Bill>>();

  constructor(host: Ports, bills: Bills, windowOf: (bill: Bill) => Window) {
    this.#host = host;
    this.#bills = bills;
    this.#windowOf = windowOf;
    this.#marks = new Marks(host, bills, {
      codec: {
        pack: ({ told, held, touched, shown }) => [told, held ? 1 : 0, touched, shown],
        unpack: (packed) => {
          const [told, held, touched, shown] = packed as [number, number, number, WatchMark['shown']];
          return { told, held: held > 0, touched, shown, openAt: null, armed: null };
        },
      },
      fresh: ({ arrival }) => ({ told: 0, held: false, touched: arrival, shown: null, openAt: null, armed: null }),
      isFresh: ({ told, held, touched, shown }, { arrival }) =>
        told === 0 && !held && shown === null && touched === arrival,
      holds: ({ told, held }) => told > 0 || held,
      isIdle: ({ openAt, armed }) => openAt === null && armed === null,
      forgotten: (bill) => this.setOpen(bill, false),
    });
  }

  restore(): void {
    this.#marks.restore();
  }

  /** Whether it has anything to say of any bill of the institution. */
  knowsAnyAt(house: House): boolean {
    return this.#marks.isAnyAt(house);
  }

  /** Whether it has anything to say of it. */
  knows(bill: Bill): boolean {
    return this.#marks.of(bill) !== undefined;
  }

  /** What was said of it, in the detector's own terms; 0: nothing stands. */
  told(bill: Bill): number {
    return this.#marks.of(bill)?.told ?? 0;
  }

  setTold(bill: Bill, told: number): void {
    if (this.told(bill) === told) return;
    this.#marks.make(bill).told = told;
    this.#marks.changed(bill);
  }

  /** An alert about something larger rests on it. */
  hold(bill: Bill): void {
    if (this.#marks.of(bill)?.held === true) return;
    this.#marks.make(bill).held = true;
    this.#marks.changed(bill);
  }

  /** Another document took its place: what was learnt of the window was of the other. */
  replaced(before: Bill, bill: Bill): void {
    this.setOpen(before, false);
    const mark = this.#marks.of(bill);
    if (mark === undefined) return;
    mark.touched = bill.arrival;
    mark.shown = null;
    this.#marks.changed(bill);
  }

  cameras({ institution, terminal, at }: Pick<Bill, 'institution' | 'terminal' | 'at'>): readonly string[] {
    return this.#host.registry.cameras(institution, terminal, at) ?? NO_CAMERAS;
  }

  /** Whether there are cameras, and each was alive through the whole window. */
  alive(bill: Bill): boolean {
    const { start, deadline } = this.#windowOf(bill);
    const cameras = this.cameras(bill);
    return cameras.length > 0 && cameras.every((camera) => this.#host.devices.liveness(camera, start, deadline).alive);
  }

  /** Behind 48 h the cameras' lives are forgotten. */
  tooOld(bill: Bill): boolean {
    return this.#windowOf(bill).start < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  isOpen(bill: Bill): boolean {
    return bill.marks !== null && (this.#marks.of(bill)?.openAt ?? null) !== null;
  }

  setOpen(bill: Bill, open: boolean): void {
    const before = this.#marks.of(bill)?.openAt ?? null;
    if (!open && before === null) return;
    const now = open ? this.cameras(bill) : NO_CAMERAS;
    if (before === now) return;
    const mark = this.#marks.make(bill);
    for (const camera of before ?? NO_CAMERAS) {
      this.#open.get(camera)?.delete(bill);
      this.#unshown.get(camera)?.delete(bill);
    }
    mark.openAt = open ? now : null;
    if (!open) {
      mark.armed = null;
      this.#host.timers.cancel(timerOf(bill));
      this.#marks.changed(bill);
    }
    for (const camera of now) {
      addTo(this.#open, camera, bill);
      if (mark.shown?.[camera] !== undefined) continue;
      if (!this.#noteShown(bill, camera, this.#host.devices.lastArrival(camera))) addTo(this.#unshown, camera, bill);
    }
  }

  /**
   * Any record of a device: it may show a deadline, fill a gap, open an outage. Who is to be judged again, in order; in a busy place most
   * records are of nobody.
   */
  sign({ kind, device, eventTime, arrival }: DeviceRecord): readonly Bill[] {
    const open = device === null ? undefined : this.#open.get(device);
    const some = open?.first;
    if (device === null || open === undefined || some === undefined) return NOBODY;
    const { devices } = this.#host;
    const { start, deadline } = this.#windowOf(some);
    const [before, after] = [some.at - start, deadline - some.at];
    const late = open.between(eventTime - after, Math.min(arrival - after, eventTime + before));
    for (const bill of late) this.touch(bill, arrival);
    const shown = this.#unshown.get(device)?.between(Number.NEGATIVE_INFINITY, devices.clock(device) - after) ?? [];
    const touched = new Set(shown.filter((bill) => this.#noteShown(bill, device, arrival)));
    const advances = eventTime === devices.clock(device) && eventTime - arrival <= CLOCK_AHEAD_MS;
    const life = kind === 'cameraStatus' || !advances ? devices.changed : null;
    if (life !== null) for (const bill of open.between(life.from - after, life.to + before)) touched.add(bill);
    return [...touched].sort(inOrder);
  }

  /** A record within its window was read. Until the deadline that says nothing: the claim waits for it anyway. */
  touch(bill: Bill, arrival: number): void {
    const touched = this.#marks.of(bill)?.touched ?? bill.arrival;
    if (arrival <= touched || arrival <= this.#windowOf(bill).deadline) return;
    this.#marks.make(bill).touched = arrival;
    this.#marks.changed(bill);
  }

  /** Whether a claim may be made now; if not, a timer is armed for when it may be. */
  isDue(bill: Bill): boolean {
    const { clocks, timers, devices } = this.#host;
    const mark = this.#marks.make(bill);
    const { deadline } = this.#windowOf(bill);
    let due = Number.NEGATIVE_INFINITY;
    for (const camera of this.cameras(bill)) {
      const shown = mark.shown?.[camera];
      const at =
        shown === undefined
          ? Math.max(deadline, bill.arrival, devices.lastArrival(camera)) + SILENT_WAIT_MS
          : Math.max(deadline, bill.arrival, mark.touched, shown) + SHOWN_WAIT_MS;
      due = Math.max(due, at);
    }
    if (clocks.at('observed') <= due) {
      // One that fires early asks again.
      if (mark.armed !== null && mark.armed <= due) return false;
      timers.arm(timerOf(bill), 'observed', due);
      mark.armed = due;
      return false;
    }
    mark.armed = null;
    if (clocks.at('reference') <= bill.arrival) timers.arm(timerOf(bill), 'reference', bill.arrival);
    else return true;
    return false;
  }

  /** The bill for which a timer was armed. */
  timed(id: string): Bill | undefined {
    const bar = id.indexOf('|');
    const bill = this.#bills.get(id.slice(0, bar), id.slice(bar + 1));
    const mark = bill && this.#marks.of(bill);
    if (bill === undefined || mark === undefined) return bill;
    mark.armed = null;
    if (mark.openAt === null) this.#marks.changed(bill);
    return bill;
  }

  #noteShown(bill: Bill, device: string, arrival: number): boolean {
    if (this.#host.devices.clock(device) < this.#windowOf(bill).deadline) return false;
    const mark = this.#marks.make(bill);
    mark.shown ??= {};
    mark.shown[device] = arrival;
    this.#marks.changed(bill);
    this.#unshown.get(device)?.delete(bill);
    return true;
  }
}

function timerOf({ institution, id }: Bill): string {
  return `${institution}|${id}`;
}

function addTo(index: Map<string, TimeIndex<Bill>>, key: string, bill: Bill): void {
  let times = index.get(key);
  if (times === undefined) {
    times = new TimeIndex();
    index.set(key, times);
  }
  times.add(bill);
}
