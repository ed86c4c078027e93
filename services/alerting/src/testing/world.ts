// Two hosts in one group, living at the mercy of one seed: they restore, decide, checkpoint, crash, are expelled and come back.
import { CheckpointBroken, type CheckpointLog, MemoryCheckpointLog } from '@yunjian/processor';
import { Decider } from '../decider.ts';
import { anyRecord, NOON } from './lane.ts';
import { type Faults, MemoryAlertLog, MemoryLane, MemoryOutlets } from './memory.ts';
import { Scheduler } from './scheduler.ts';

class Host {
  decider: Decider | null = null;
  /** Its place in the group; a later join of another expels it. */
  view: CheckpointLog;
  readonly #world: World;
  #runs = 0;

  constructor(world: World) {
    this.#world = world;
    this.view = world.checkpoints.join();
  }

  /** One turn of its life: restore, decide a batch, or checkpoint. A crash forgets everything, a failure restores. */
  async live(): Promise<void> {
    const { scheduler, lane, log, outlets } = this.#world;
    while (this.#world.running) {
      await scheduler.turn();
      try {
        if (scheduler.chance(0.02)) this.decider = null;
        if (this.decider === null) {
          if (scheduler.chance(0.7)) this.view = this.#world.checkpoints.join();
          const owner = `${this.#world.hosts.indexOf(this)}/${this.#runs++}`;
          const options = { owner, lane: 'lane', laneLow: 0, log, outlets, checkpoints: this.view, collectAt: 3 };
          this.decider = await Decider.open(options);
        }
        if (scheduler.chance(0.2)) this.#save(this.decider);
        await this.decider.process(lane.from(this.decider.next, 1 + scheduler.upTo(8)));
      } catch (error) {
        if (error instanceof CheckpointBroken) throw error;
        this.decider = null;
      }
    }
  }

  /** A checkpoint goes on beside what is decided next. */
  #save(decider: Decider): void {
    decider.checkpoint().catch(() => {
      if (this.decider === decider) this.decider = null;
    });
  }
}

/** Two hosts of one group over one lane and one log. */
export class World {
  readonly scheduler: Scheduler;
  readonly log: MemoryAlertLog;
  readonly lane = new MemoryLane();
  readonly outlets = new MemoryOutlets();
  readonly checkpoints = new MemoryCheckpointLog();
  readonly hosts: Host[];
  running = true;

  constructor(seed: number, faults: Faults) {
    this.scheduler = new Scheduler(seed);
    this.log = new MemoryAlertLog(this.scheduler);
    this.log.faults = faults;
    this.checkpoints.before = async (operation) => {
      await this.scheduler.turn();
      if (operation !== 'read' && this.scheduler.chance(0.05)) throw new Error(`${operation}: the broker is away`);
    };
    this.hosts = [new Host(this), new Host(this)];
  }

  /** Runs the lane through both hosts with faults, then lets one finish in peace. */
  async run(records: number): Promise<void> {
    const lives = this.hosts.map((host) => host.live());
    let [now, written] = [NOON, 0];
    for (let i = 0; i < records * 12; i++) {
      if (written < records && this.scheduler.chance(0.15)) {
        now += this.scheduler.upTo(400_000);
        this.lane.append(anyRecord(this.scheduler, written++), now);
      }
      await this.scheduler.advance();
    }
    this.running = false;
    this.log.faults = { lost: 0, unanswered: 0, late: 0 };
    while (await this.scheduler.advance());
    await Promise.all(lives);
    this.checkpoints.before = () => {};
    const heir = this.#finish();
    for (let done = false; !done; ) {
      heir.then(
        () => {
          done = true;
        },
        () => {
          done = true;
        },
      );
      await this.scheduler.advance();
    }
    await heir;
  }

  async #finish(): Promise<void> {
    const { lane, log, outlets } = this;
    const checkpoints = this.checkpoints.join();
    const heir = await Decider.open({ owner: 'heir', lane: 'lane', laneLow: 0, log, outlets, checkpoints });
    await heir.process(lane.from(heir.next, lane.records.length));
    await heir.checkpoint();
    if (heir.contradictions > 0) throw new Error(`the log holds ${heir.contradictions} contradictions`);
  }
}
