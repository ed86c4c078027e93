// A consumer group of a simulated world: who serves which partition in which generation, and who does not know yet that it no longer does.
import type { Broker } from './broker.ts';
import type { Injector } from './injector.ts';
import type { Kernel, Process } from './kernel.ts';

/** A member's time as owner of a partition. */
export interface Tenure {
  readonly process: Process;
  readonly partition: number;
  readonly generation: number;
  /** Told to end, or found out by itself. */
  revoked: boolean;
}

export interface Service {
  /** Serves a partition until the tenure is revoked. */
  serve(tenure: Tenure): Promise<void>;
  /** The partition belongs to another member now; after the last service of it has ended. */
  lost(process: Process, partition: number): void;
}

/** The coordinator has expelled whoever asks. */
export class NotOwner extends Error {
  override name = 'NotOwner';
}

const SESSION_MS = 10_000;

export class Group {
  readonly name: string;
  readonly partitions: number;
  generation = 0;
  readonly #kernel: Kernel;
  readonly #broker: Broker;
  readonly #injector: Injector;
  readonly #members = new Set<Process>();
  readonly #service: Service;
  /** A process's service of one partition follows its last. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #serving = new Map<Tenure, Promise<void>>();
  #rebalancing = false;
  #again = false;

  constructor(
    around: { kernel: Kernel; broker: Broker; injector: Injector },
    name: string,
    partitions: number,
    service: Service,
  ) {
    this.#kernel = around.kernel;
    this.#broker = around.broker;
    this.#injector = around.injector;
    this.name = name;
    this.partitions = partitions;
    this.#service = service;
  }

  join(process: Process): void {
    this.#members.add(process);
    void this.rebalance();
  }

  /** A member has died: the coordinator learns it after a session. */
  lost(process: Process): void {
    this.#members.delete(process);
    this.#kernel.after(SESSION_MS, () => void this.rebalance());
  }

  /** A member is stopped: expelled if that lasts longer than a session. */
  stopped(process: Process): void {
    this.#kernel.after(SESSION_MS, () => {
      if (!process.stopped || !this.#members.has(process)) return;
      this.#expel(process);
      void this.rebalance();
    });
  }

  /** It notices some time after it goes on, and joins again. */
  #expel(process: Process): void {
    this.#members.delete(process);
    process.hears(this.#kernel.now, () =>
      process.hears(this.#kernel.now + this.#kernel.between(0, 6000), () => {
        for (const tenure of this.#serving.keys())
          if (tenure.process === process && tenure.generation !== this.generation) tenure.revoked = true;
        this.join(process);
      }),
    );
  }

  /** Moves the group's offset. @throws NotOwner when the member is not of this generation. */
  commit(tenure: Pick<Tenure, 'generation'>, topic: string, partition: number, offset: number): void {
    if (tenure.generation !== this.generation) {
      this.#injector.note('stale commit');
      throw new NotOwner(`${this.name}: generation ${tenure.generation} is over`);
    }
    this.#broker.commit(this.name, topic, partition, offset);
  }

  /** Partitions that this process believes to be its own. */
  heldBy(process: Process): number[] {
    return [...this.#serving.keys()].filter((t) => t.process === process && !t.revoked).map((t) => t.partition);
  }

  /** Everybody gives back what they hold, those who do not answer within a session are expelled, and all is dealt out anew. */
  async rebalance(): Promise<void> {
    if (this.#rebalancing) {
      this.#again = true;
      return;
    }
    this.#rebalancing = true;
    do {
      this.#again = false;
      const ending: Promise<void>[] = [];
      for (const [tenure, served] of this.#serving) {
        if (!tenure.process.alive) this.#serving.delete(tenure);
        else if (tenure.generation === this.generation) {
          tenure.process.hears(this.#kernel.now, () => {
            tenure.revoked = true;
          });
          ending.push(served);
        }
      }
      await Promise.race([Promise.all(ending), this.#kernel.sleep(SESSION_MS)]);
      this.generation++;
      for (const member of this.#members) if (!member.responsive) this.#expel(member);
      const members = [...this.#members];
      for (let partition = 0; partition < this.partitions && members.length > 0; partition++) {
        const process = this.#kernel.pick(members);
        for (const other of members)
          if (other !== process) this.#inTurn(other, partition, () => this.#service.lost(other, partition));
        this.#begin({ process, partition, generation: this.generation, revoked: false });
      }
    } while (this.#again);
    this.#rebalancing = false;
  }

  #begin(tenure: Tenure): void {
    const served = this.#inTurn(tenure.process, tenure.partition, () => this.#service.serve(tenure)).finally(() =>
      this.#serving.delete(tenure),
    );
    this.#serving.set(tenure, served);
  }

  #inTurn(process: Process, partition: number, act: () => Promise<void> | void): Promise<void> {
    const key = `${process.name} ${partition}`;
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(act);
    this.#turns.set(key, turn);
    return turn;
  }
}
