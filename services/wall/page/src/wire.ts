// wall.v1 as the page reads it: the contract's field names, only what the page shows.

export type Level = 1 | 2 | 3 | 4;

export interface Alert {
  alert_id: string;
  version: number;
  detector: string;
  rule_version: string;
  level: Level;
  state: { raised: boolean; acked: boolean; shelved: boolean; disposed: boolean };
  fixmedins_code: string | null;
  grid: string[];
  subject: { kind: string; ref: string };
  window: { start: string; end: string };
  event_time: string;
  detected_at: string;
  updated_at: string;
  amount: string | null;
  title: Bilingual;
  facts: Record<string, unknown>;
  evidence: { kind: string; of?: string; ref: string; sha256?: string; uri?: string }[];
  transition: { action: string; by: string; reason: string };
  assignee?: string | null;
  disposal?: string | null;
  shelved_until?: string | null;
  escalation?: number;
}

export interface Bilingual {
  zh: string;
  en: string;
}

export interface SourceState {
  name: string;
  state: 'live' | 'stale' | 'never';
  last_event_at: string | null;
  clock_at: string | null;
}

export interface GatewayFeed {
  state: 'live' | 'stale';
  behind: number | null;
  current_at: string | null;
}

export interface Health {
  sources: SourceState[];
  gateway: GatewayFeed;
}

/** One step of an alert's history. */
export interface Step {
  version: number;
  updated_at: string;
  level: Level;
  state: Alert['state'];
  amount: string | null;
  transition: Alert['transition'];
  assignee: string | null;
  disposal: string | null;
  shelved_until: string | null;
}

export interface Slice {
  count: number;
  amount: string;
  handled: number;
  handled_rate: number | null;
  open: number;
}

export interface Period extends Slice {
  by_level: Record<'1' | '2' | '3' | '4', Slice>;
  by_detector: (Slice & { detector: string })[];
  by_district: (Slice & { district: string | null })[];
  by_institution: (Slice & { fixmedins_code: string })[];
}

export interface Kpis extends Health {
  as_of: string;
  open: Period;
  today: Period;
  yesterday: Period;
  month: Period;
  rate_24h: { hour: string; count: number; by_level: [number, number, number, number] }[];
  grids: { grid: string[]; open: number; today: number; worst: Level | null }[];
}

/** What a detector means and prescribes. */
export interface DetectorText {
  id: string;
  title: Bilingual;
  explanation: Bilingual;
  measures: Bilingual[];
  basis: Bilingual;
  runbook: Bilingual;
}

export interface CommandFields {
  action: 'ack' | 'unack' | 'assign' | 'shelve' | 'unshelve' | 'escalate' | 'dispose' | 'comment';
  reason: string;
  assignee?: string;
  until?: string;
  outcome?: string;
}

export type Op = { op: 'put'; alert: Alert } | { op: 'del'; alert_id: string };

export type ServerMessage =
  | ({ t: 'welcome'; session: string; ping_ms: number; server_time: string; operator: string } & Health)
  | { t: 'snap'; id: string; part: number; last: boolean; epoch: string; to: string; alerts: Alert[] }
  | { t: 'delta'; id: string; epoch: string; from: string; to: string; more?: true; ops: Op[] }
  | { t: 'reset'; id: string; reason: string }
  | ({ t: 'ping'; server_time: string } & Health)
  | { t: 'ack'; id: string; alert?: Alert | null }
  | { t: 'err'; id: string | null; code: string; message: string; temporary: boolean; alert?: Alert | null }
  | { t: 'bye'; code: number; reconnect_after_ms: number | null };
