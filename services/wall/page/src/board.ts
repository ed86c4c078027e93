// What the page holds: alerts on the board, the latest happenings, health, figures. Components read it; only this changes it.
import type { ClientStatus } from './ports.ts';
import type { Alert, Health, Kpis, Op } from './wire.ts';

export interface Happening {
  key: number;
  /** Instant of the transition, ISO 8601. */
  at: string;
  /** The transition's action, or `closed` when the alert left the board. */
  action: string;
  alert: Alert;
  /** When the page heard of it, ms of the local clock. */
  heardAt: number;
}

export type Tab = 'open' | 'acked' | 'shelved' | 'active';
export type StateName = 'open' | 'acked' | 'shelved' | 'disposed' | 'withdrawn';

const HAPPENINGS = 60;

export function stateOf(alert: Alert): StateName {
  const { raised, acked, shelved, disposed } = alert.state;
  if (disposed) return 'disposed';
  if (!raised) return 'withdrawn';
  if (shelved) return 'shelved';
  return acked ? 'acked' : 'open';
}

export class Board {
  readonly alerts = new Map<string, Alert>();
  /** A whole picture has been here: before it, none is not known to be none. */
  known = false;
  happenings: Happening[] = [];
  /** The latest alert that came to the first level since the page's first picture. */
  gravest: Happening | null = null;
  status: ClientStatus = { phase: 'connecting', heardAt: null, retryAt: null, code: null };
  health: { at: number; value: Health } | null = null;
  /** Server clock minus local clock, ms. */
  offset = 0;
  operator: string | null = null;
  kpis: Kpis | null = null;
  /** Institutions' names by code. */
  names: Record<string, string> = {};
  #listeners = new Set<() => void>();
  #scheduled = false;
  #keys = 0;
  #schedule: (run: () => void) => void;

  /** @param schedule runs what it is given once, soon: changes in between are told together */
  constructor(schedule: (run: () => void) => void) {
    this.#schedule = schedule;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A whole picture. What it shows at the first level is no news in the page's first one, and one piece of news in a later one. */
  replace(alerts: readonly Alert[]): void {
    const byTime = [...alerts].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
    const unheard = this.known
      ? byTime.find((alert) => cameToFirst(this.alerts.get(alert.alert_id), alert))
      : undefined;
    if (unheard !== undefined) this.gravest = this.#happening(unheard, unheard.transition.action);
    this.known = true;
    this.alerts.clear();
    for (const alert of alerts) this.alerts.set(alert.alert_id, alert);
    const newest = byTime.filter(({ transition }) => transition.action !== 'amend').slice(0, HAPPENINGS);
    this.happenings = newest.map((alert) => this.#happening(alert, alert.transition.action));
    this.changed();
  }

  apply(ops: readonly Op[]): void {
    const news: Happening[] = [];
    for (const op of ops) {
      if (op.op === 'put') {
        const held = this.alerts.get(op.alert.alert_id);
        this.alerts.set(op.alert.alert_id, op.alert);
        if (held !== undefined && onlyFiguresMoved(held, op.alert)) continue;
        const happening = this.#happening(op.alert, op.alert.transition.action);
        news.push(happening);
        if (cameToFirst(held, op.alert)) this.gravest = happening;
      } else {
        const gone = this.alerts.get(op.alert_id);
        if (gone === undefined) continue;
        this.alerts.delete(op.alert_id);
        news.push({ ...this.#happening(gone, 'closed'), at: new Date(Date.now() + this.offset).toISOString() });
      }
    }
    this.happenings = [...news.reverse(), ...this.happenings].slice(0, HAPPENINGS);
    this.changed();
  }

  /** An alert learnt from the outcome of a command, before its delta is here. */
  learn(alert: Alert): void {
    const held = this.alerts.get(alert.alert_id);
    if (held === undefined || held.version >= alert.version) return;
    this.alerts.set(alert.alert_id, alert);
    this.changed();
  }

  set(change: Partial<Pick<Board, 'status' | 'health' | 'offset' | 'operator' | 'kpis' | 'names'>>): void {
    Object.assign(this, change);
    this.changed();
  }

  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #happening(alert: Alert, action: string): Happening {
    return { key: ++this.#keys, at: alert.updated_at, action, alert, heardAt: Date.now() };
  }
}

function cameToFirst(held: Alert | undefined, next: Alert): boolean {
  return next.level === 1 && held?.level !== 1 && stateOf(next) === 'open';
}

/** An amendment that is no news and changes nobody's mind: a budget's figures move with each settlement. */
export function onlyFiguresMoved(held: Alert, next: Alert): boolean {
  return (
    next.transition.action === 'amend' &&
    next.level === held.level &&
    next.evidence.length === held.evidence.length &&
    (next.assignee ?? null) === (held.assignee ?? null) &&
    stateOf(next) === stateOf(held)
  );
}

export interface Choice {
  tab: Tab;
  level: number | null;
  district: string | null;
  grid: string | null;
  detector: string | null;
  institution: string | null;
  search: string;
}

/** Alerts of the list: the gravest level first, then the newest; one that stands under another (`facts.under`) right after it. */
export function listed(alerts: Iterable<Alert>, choice: Choice, names: Record<string, string> = {}): Alert[] {
  const words = choice.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: Alert[] = [];
  for (const alert of alerts) {
    const state = stateOf(alert);
    if (choice.tab !== 'active' && state !== choice.tab) continue;
    if (choice.level !== null && alert.level !== choice.level) continue;
    if (choice.detector !== null && alert.detector !== choice.detector) continue;
    if (choice.institution !== null && alert.fixmedins_code !== choice.institution) continue;
    if (choice.district !== null && districtOf(alert.grid) !== choice.district) continue;
    if (choice.grid !== null && alert.grid.join('/') !== choice.grid) continue;
    if (words.length > 0 && !matches(alert, words, names)) continue;
    found.push(alert);
  }
  return beneath(found.sort(byGravity));
}

/** Whether an alert is shown beneath another one: its detector says so. */
export function under(alert: Alert): string | null {
  return typeof alert.facts.under === 'string' ? alert.facts.under : null;
}

function byGravity(a: Alert, b: Alert): number {
  return a.level - b.level || (a.event_time < b.event_time ? 1 : a.event_time > b.event_time ? -1 : 0);
}

function beneath(sorted: Alert[]): Alert[] {
  const children = new Map<string, Alert[]>();
  for (const alert of sorted) {
    const parent = under(alert);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), alert]);
  }
  if (children.size === 0) return sorted;
  const shown = new Set(sorted.map((alert) => alert.alert_id));
  return sorted.flatMap((alert) => {
    const parent = under(alert);
    if (parent !== null && shown.has(parent)) return [];
    return [alert, ...(children.get(alert.alert_id) ?? [])];
  });
}

export function districtOf(grid: readonly string[]): string | null {
  return grid[1] ?? grid[0] ?? null;
}

function matches(alert: Alert, words: readonly string[], names: Record<string, string>): boolean {
  const text = [
    alert.alert_id,
    alert.fixmedins_code,
    names[alert.fixmedins_code ?? ''],
    alert.title.zh,
    alert.title.en,
    alert.subject.ref,
    ...alert.grid,
    alert.assignee,
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
