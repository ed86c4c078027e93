// What several detectors of a lane keep together: one of a name, told of every event before any detector is, and of a mark behind them all.
import type { LaneEvent } from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, WindowedLogic } from './define.ts';
import type { SharedPorts } from './host.ts';
import type { KeyedState } from './state.ts';

/** Kept for whoever asks: it says nothing itself, and is not there when no detector that runs has asked for it. */
export interface CommonLogic {
  on: WindowedLogic['on'];
  /** Behind each mark, when every detector is done with it. */
  onMark?(): void;
  /** After the tables were loaded and all detectors were made, before any of them is restored. */
  restore(): void;
}

export type CommonHost = Pick<
  DetectorHost<never>,
  'table' | 'attach' | 'clocks' | 'registry' | 'catalogue' | 'reversals' | 'common'
>;

type Handler = (event: never, news: DocumentNews) => void;

export class Common {
  readonly #state: KeyedState;
  readonly #ports: () => SharedPorts;
  readonly #parts = new Map<string, CommonLogic>();
  readonly #handlers = new Map<LaneEvent['kind'], Handler[]>();
  #restored = false;

  constructor(state: KeyedState, ports: () => SharedPorts) {
    this.#state = state;
    this.#ports = ports;
  }

  /** The part of that name, made by whoever asks first. One that another needs is told before it. */
  get<C extends CommonLogic>(name: string, create: (host: CommonHost) => C): C {
    const known = this.#parts.get(name);
    if (known !== undefined) return known as C;
    const part = create({
      ...this.#ports(),
      table: (table, options) => this.#state.table(`${name}/${table}`, options),
      attach: (table, rows) => this.#state.attach(`${name}/${table}`, rows),
    });
    this.#parts.set(name, part);
    for (const [kind, run] of Object.entries(part.on) as [LaneEvent['kind'], Handler][]) {
      const handlers = this.#handlers.get(kind);
      if (handlers === undefined) this.#handlers.set(kind, [run]);
      else handlers.push(run);
    }
    if (this.#restored) part.restore();
    return part;
  }

  restore(): void {
    this.#restored = true;
    for (const part of this.#parts.values()) part.restore();
  }

  receive(event: LaneEvent, news: DocumentNews): void {
    const handlers = this.#handlers.get(event.kind);
    if (handlers !== undefined) for (const run of handlers) run(event as never, news);
  }

  passTime(): void {
    for (const part of this.#parts.values()) part.onMark?.();
  }
}
