// Institutions whose settlements fall silent for longer than is their habit within opening hours. By arrival, on the settlement feed's clock:
// while that feed is silent, or we stand still, nobody's silence is his own.
import { isoShanghai, localDate, localDay, type Reversal, type Settlement } from '@yunjian/contracts';
import type { DetectorHost, Raise, Table } from '@yunjian/detection';
import { afterOpenTime, common, type OpenHours, openTime, readOpenHours, USUAL_HOURS } from '../open-hours.ts';
import { type Habit, isShort, learn, noHabit, usualGap } from './habit.ts';
import type { SourceSilentParams } from './params.ts';

const MINUTE_MS = 60_000;

interface Watched {
  /** Arrival of the last settlement or reversal, ms, and its setl_id. */
  last: number;
  lastId: string;
  habit: Habit;
  /** Arrival of the last one before the silence that stands; null: no alert stands. */
  silentSince: number | null;
}

/** The settlement feed's own silences, which are nobody's habit. */
interface Pause {
  silent: boolean;
  /** When it last spoke again, ms. */
  resumed: number;
}

export class InstitutionSilence {
  readonly #host: DetectorHost<SourceSilentParams>;
  readonly #watched: Table<Watched>;
  readonly #pause: Table<Pause>;
  readonly #hours = new Map<string, { read: unknown; hours: OpenHours }>();

  constructor(host: DetectorHost<SourceSilentParams>) {
    this.#host = host;
    this.#watched = host.table('institution', { hot: true });
    this.#pause = host.table('pause');
  }

  restore(): void {
    for (const [institution, watched] of this.#watched.entries()) this.#arm(institution, watched);
  }

  settle({ institution, settlementId, arrival }: Settlement | Reversal): void {
    const watched = this.#watched.get(institution);
    if (watched === undefined) {
      this.#watched.set(institution, { last: arrival, lastId: settlementId, habit: noHabit(), silentSince: null });
      return;
    }
    if (arrival <= watched.last) return;
    const spoke = watched.silentSince !== null;
    if (spoke) this.#host.withdraw(this.#claim(institution, watched, arrival));
    watched.silentSince = null;
    const another = this.#learn(institution, watched, arrival);
    watched.last = arrival;
    watched.lastId = settlementId;
    this.#watched.set(institution, watched);
    if (spoke || another) this.#arm(institution, watched);
  }

  /** Hours or hours' reading changed. */
  register(institution: string): void {
    const watched = this.#watched.get(institution);
    if (watched !== undefined) this.#arm(institution, watched);
  }

  onTimer(institution: string): void {
    const watched = this.#watched.get(institution);
    if (watched === undefined || watched.silentSince !== null) return;
    const { clocks, timers } = this.#host;
    const now = clocks.at('settlement');
    if (this.#feedIsSilent()) timers.arm(timerOf(institution), 'settlement', now + MINUTE_MS);
    else if (now <= this.#dueAfter(institution, watched)) this.#arm(institution, watched);
    else {
      watched.silentSince = watched.last;
      this.#watched.set(institution, watched);
      this.#host.raise(this.#claim(institution, watched, null));
    }
  }

  onMark(): void {
    const { clocks } = this.#host;
    const last = clocks.lastEvent('settlement');
    if (last === null) return;
    const silent = clocks.at('settlement') - last > this.#host.params(null).feed * 1000;
    const known = this.#pause.get('settlement') ?? { silent: false, resumed: 0 };
    if (silent !== known.silent)
      this.#pause.set('settlement', { silent, resumed: silent ? known.resumed : clocks.at('settlement') });
  }

  /** A feed of one institution is as silent as that one is. */
  #feedIsSilent(): boolean {
    return this.#watched.size > 1 && this.#pause.get('settlement')?.silent === true;
  }

  /** Adds the gap that ends now to the habit; tells whether that changed what is awaited. */
  #learn(institution: string, watched: Watched, arrival: number): boolean {
    const { habit, last } = watched;
    if (this.#since(watched) > last) return false;
    const before = this.#limit(institution, habit);
    const gap = arrival - last;
    learn(habit, isShort(gap) ? gap : openTime(this.#openHours(institution), last, arrival));
    return this.#limit(institution, habit) !== before;
  }

  #arm(institution: string, watched: Watched): void {
    if (watched.silentSince !== null) return;
    const due = this.#dueAfter(institution, watched);
    if (Number.isFinite(due)) this.#host.timers.arm(timerOf(institution), 'settlement', due);
  }

  /** The settlement feed's clock must be above this, ms; Infinity while no habit is known, nor any registration. */
  #dueAfter(institution: string, watched: Watched): number {
    const limit = this.#limit(institution, watched.habit);
    if (limit === null || this.#host.registry.latest(institution) === null) return Number.POSITIVE_INFINITY;
    return afterOpenTime(this.#openHours(institution), this.#since(watched), limit);
  }

  /** Silence begins with the last settlement, or with the end of the feed's own. */
  #since({ last }: Watched): number {
    return this.#watched.size === 1 ? last : Math.max(last, this.#pause.get('settlement')?.resumed ?? 0);
  }

  /** ms of opening hours; null while too few gaps are known. */
  #limit(institution: string, habit: Habit): number | null {
    const { habitGaps, habitShare, settlements } = this.#host.params(institution);
    if (habit.count < habitGaps) return null;
    return Math.max(settlements * 1000, usualGap(habit, habitShare));
  }

  /** Opening hours without the night, unless it is open in no others: nobody has a habit at night. */
  #openHours(institution: string): OpenHours {
    const read = this.#host.registry.latest(institution)?.openHours ?? null;
    const known = this.#hours.get(institution);
    if (known !== undefined && known.read === read) return known.hours;
    const hours = byDay(readOpenHours(read) ?? USUAL_HOURS);
    this.#hours.set(institution, { read, hours });
    return hours;
  }

  #claim(institution: string, watched: Watched, spokeAt: number | null): Raise {
    const { last, lastId, habit, silentSince } = watched;
    const since = silentSince ?? last;
    const date = localDate(localDay(since));
    const { habitShare } = this.#host.params(institution);
    const limit = this.#limit(institution, habit) ?? 0;
    const hours = this.#openHours(institution);
    return {
      subject: { kind: 'institution', ref: `${institution}/${date}` },
      institution,
      anchor: date,
      window: { start: since, end: spokeAt ?? since },
      eventTime: since,
      amount: null,
      facts: {
        source: 'institution',
        silent_since: isoShanghai(since),
        limit_seconds: Math.round(limit / 1000),
        habit_seconds: Math.round(usualGap(habit, habitShare) / 1000),
        habit_gaps: habit.count,
        open_hours: hours.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(','),
        ...(spokeAt === null
          ? {}
          : {
              spoke_at: isoShanghai(spokeAt),
              gap_seconds: Math.round((spokeAt - since) / 1000),
              open_gap_seconds: Math.round(openTime(hours, since, spokeAt) / 1000),
            }),
      },
      evidence: [{ kind: 'settlement', ref: lastId }],
      reason: spokeAt === null ? 'no settlement was received for longer than usual' : 'it speaks again',
    };
  }
}

function byDay(hours: OpenHours): OpenHours {
  const day = common(hours, USUAL_HOURS);
  return day.length === 0 ? hours : day;
}

const TIMER = 'institution|';

function timerOf(institution: string): string {
  return TIMER + institution;
}

/** The institution that a timer is about; null for other timers. */
export function institutionOf(timer: string): string | null {
  return timer.startsWith(TIMER) ? timer.slice(TIMER.length) : null;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
