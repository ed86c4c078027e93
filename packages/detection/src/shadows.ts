// Shadow parameters: a second logic of a detector beside the real one, with other parameters and tables of its own. What it says goes
// nowhere; it is held against what the real one says.
import type { DetectorId, Finding, LaneEvent } from '@yunjian/contracts';
import { Comparison, comparisonTable, OUTCOMES, type Outcome } from './comparison.ts';
import type { DetectorDefinition, DocumentNews, Raise, WindowedDetector, WindowedLogic } from './define.ts';
import { createHost, type SharedPorts } from './host.ts';
import type { RuleBook } from './rules.ts';
import type { KeyedState, Table } from './state.ts';
import { Timers } from './timers.ts';

/** What is kept of a shadow beside its findings; table `shadow`, by detector. */
export interface ShadowBeginning {
  /** What the rules say of the detector. */
  rule: string;
  /** The observed clock as it began, ms. What happened earlier is not compared. */
  began: number;
  /** Why it ended: our own code threw. Null: it runs. */
  failed: string | null;
}

export const SHADOW_TABLE = 'shadow';

export interface ShadowReport extends ShadowBeginning {
  detector: DetectorId;
  /** Alerts that stand now, by who raised them. */
  outcomes: Record<Outcome, number>;
}

export interface ShadowPorts {
  detectors: readonly DetectorDefinition[];
  state: KeyedState;
  rules: RuleBook;
  shared: SharedPorts;
  count(what: string): void;
}

interface Shadow {
  logic: WindowedLogic;
  timers: Timers;
  comparison: Comparison;
}

/** What the names of a shadow's own tables begin with. */
const tablesOf = (id: string) => `shadow/${id}/`;

export class Shadows {
  readonly #ports: ShadowPorts;
  readonly #begun: Table<ShadowBeginning>;
  readonly #running = new Map<DetectorId, Shadow>();

  constructor(ports: ShadowPorts) {
    this.#ports = ports;
    this.#begun = ports.state.table(SHADOW_TABLE);
  }

  /** Rules were taken or tables loaded: what they want runs, from where it was or from what the real detector knows now; what else is dropped. */
  follow(): void {
    for (const detector of this.#ports.detectors) {
      if (!('kind' in detector) || detector.kind !== 'windowed') continue;
      const { id } = detector;
      const wanted = this.#ports.rules.shadow(id);
      const begun = this.#begun.get(id);
      if (begun !== undefined && begun.rule !== wanted) this.#end(id);
      if (wanted === null) continue;
      if (begun?.rule !== wanted) this.#begin(id, wanted);
      if (!this.#running.has(id) && this.#begun.get(id)?.failed === null)
        this.#guarded(id, () => this.#start(detector as WindowedDetector));
    }
  }

  receive(event: LaneEvent, news: DocumentNews): void {
    for (const [id, { logic }] of this.#running) {
      const run = logic.on[event.kind] as ((event: LaneEvent, news: DocumentNews) => void) | undefined;
      if (run !== undefined) this.#guarded(id, () => run.call(logic.on, event, news));
    }
  }

  contradicted(event: LaneEvent): void {
    for (const [id, { logic }] of this.#running) this.#guarded(id, () => logic.contradicted?.(event));
  }

  /** After a mark, when the real detectors are done with it. */
  passTime(): void {
    const { clocks } = this.#ports.shared;
    for (const [id, { logic, timers, comparison }] of this.#running)
      this.#guarded(id, () => {
        for (const timer of timers.takeDue(clocks)) logic.onTimer?.(timer);
        logic.onMark?.();
        comparison.prune(clocks.at('observed'));
      });
  }

  /** A real detector spoke. @param silent it is switched off: what it raises is told to nobody */
  heard(speaker: DetectorId, action: Finding['action'], claim: Raise, silent: boolean): void {
    this.#running.get(speaker)?.comparison.hear('real', action, claim, silent);
  }

  reports(): ShadowReport[] {
    return [...this.#begun.entries()].map(([id, begun]) => ({
      ...begun,
      detector: id as DetectorId,
      outcomes: this.#running.get(id as DetectorId)?.comparison.tally() ?? { ...OUTCOMES },
    }));
  }

  #begin(id: DetectorId, rule: string): void {
    const { state, shared } = this.#ports;
    state.copy(`${id}/`, tablesOf(id));
    this.#begun.set(id, { rule, began: Math.max(0, shared.clocks.at('observed')), failed: null });
  }

  #start(detector: WindowedDetector): void {
    const { id } = detector;
    const { state, rules, shared } = this.#ports;
    const { began } = this.#begun.get(id) as ShadowBeginning;
    const comparison = new Comparison(id, state.table(comparisonTable(id)), began, () =>
      Math.max(0, shared.clocks.at('observed')),
    );
    const timers = new Timers();
    const host = createHost(shared, {
      state,
      tables: tablesOf(id),
      timers: { arm: (timer, clock, at) => timers.arm(timer, clock, at), cancel: (timer) => timers.cancel(timer) },
      params: { rules, detector: id, shadow: true, of: (institution) => rules.shadowParams(id, institution) },
      say: (action, claim) => comparison.hear('shadow', action, claim, false),
      count: () => {},
    });
    const logic = detector.create(host);
    logic.restore();
    this.#running.set(id, { logic, timers, comparison });
  }

  #end(id: DetectorId): void {
    this.#running.delete(id);
    this.#begun.delete(id);
    this.#ports.state.drop(tablesOf(id));
    this.#ports.state.drop(comparisonTable(id));
  }

  /** A shadow in which our own code threw ends there, and says why: the real detectors go on as if it had never been. */
  #guarded(id: DetectorId, act: () => void): void {
    try {
      act();
    } catch (error) {
      const begun = this.#begun.get(id) as ShadowBeginning;
      this.#end(id);
      this.#begun.set(id, { ...begun, failed: String(error).slice(0, 200) });
      this.#ports.count('shadow_failed');
    }
  }
}
