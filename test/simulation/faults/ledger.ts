// A ledger process of a simulated world: the real judgement over rows that are stored behind a network; what services/ledger/src/host.ts
// does on Kafka and ClickHouse.
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import { partitionFor } from '@yunjian/kafka';
import { LedgerPartition, MemoryHistory, outlinesOf } from '@yunjian/service-ledger';
import { type LedgerHistory, MAX_ROWS } from '../../../services/ledger/src/history.ts';
import { readLane } from '../../../services/ledger/src/reading.ts';
import type { Group, Tenure } from './group.ts';
import type { Process } from './kernel.ts';
import { NAMES } from './names.ts';
import { Connection, Unanswered } from './network.ts';
import type { World } from './world.ts';

const LANE = NAMES.lane('code');

export class LedgerHost {
  readonly process: Process;
  readonly #world: World;
  readonly #group: Group;
  readonly #connection: Connection;
  /** Offsets whose rows are stored and that are not committed yet. */
  readonly #pending = new Map<Tenure, number>();

  constructor(world: World, process: Process, group: Group) {
    this.#world = world;
    this.process = process;
    this.#group = group;
    this.#connection = new Connection(world, process);
    void this.#commitAll();
  }

  async serve(tenure: Tenure): Promise<void> {
    while (!tenure.revoked) {
      try {
        await this.#judge(tenure);
      } catch (error) {
        if (!(error instanceof Unanswered)) return this.#world.broke(`a ledger threw: ${(error as Error).stack}`);
        await this.process.sleep(300);
      }
    }
  }

  async #judge(tenure: Tenure): Promise<void> {
    const { settings, rules, broker } = this.#world;
    const { partition } = tenure;
    const history = stored(this.#world.history, this.#connection);
    const ledger = new LedgerPartition({ lane: 'code', partition, history, rules });
    await ledger.open((value) => decodeLane(value) as LaneEvent);
    let next = (await this.#connection.ask(() => broker.committed(this.#group.name, LANE, partition))) ?? 0;
    let storing = Promise.resolve();
    while (!tenure.revoked) {
      const { records } = await this.#connection.fetch(LANE, partition, next, this.#world.settings.batch, 30_000);
      const last = records[records.length - 1];
      if (last === undefined || tenure.revoked) continue;
      const { inputs, unreadable } = readLane(records, null);
      const { findings, reversed, poisoned, stored: rows } = await ledger.process(inputs);
      for (const { error } of [...unreadable, ...poisoned]) this.#world.broke(`a ledger rule threw: ${error.stack}`);
      if (tenure.revoked) return;
      await Promise.all([
        findings.length === 0
          ? undefined
          : this.#connection.append('finding', NAMES.laneAlert, 0, findings.map(asValue)),
        ...reversed.map(({ key, value }) =>
          this.#connection.append('reversal', LANE, partitionFor(key, settings.lanePartitions), [{ key, value }]),
        ),
      ]);
      next = last.offset + 1;
      const through = next;
      // A row that could not be stored ends the process, as onFatal does.
      storing = Promise.all([storing, rows]).then(
        () => void this.#pending.set(tenure, through),
        () => this.#world.crash(this.process),
      );
    }
  }

  async #commitAll(): Promise<void> {
    for (;;) {
      await this.process.sleep(7000);
      for (const [tenure, next] of this.#pending) {
        this.#pending.delete(tenure);
        const commit = () => this.#group.commit(tenure, LANE, tenure.partition, next);
        await this.#connection.write('ledger offset', commit).catch(() => {
          if (!tenure.revoked && !this.#pending.has(tenure)) this.#pending.set(tenure, next);
        });
      }
    }
  }
}

/** The shared rows as one process has them: its own at once, everybody's once they are stored. */
function stored(shared: MemoryHistory, connection: Connection): LedgerHistory {
  const own = new MemoryHistory();
  const everybodys = async <T>(read: (history: LedgerHistory) => Promise<T>): Promise<T> =>
    (await connection.ask(() => ({ found: read(shared) }))).found;
  const history: LedgerHistory = {
    wakes: shared.wakes,
    insert: async (partition, rows) => {
      void own.insert(partition, rows);
      if (rows.length > 0) await connection.write('rows', () => void shared.insert(partition, rows));
    },
    read: async (partition, subjects) => {
      const histories = await everybodys((history) => history.read(partition, subjects));
      for (const [subject, rows] of await own.read(partition, subjects)) {
        const known = new Map((histories.get(subject) ?? []).map((row) => [row.position, row]));
        for (const row of rows) known.set(row.position, row);
        const all = [...known.values()].sort((a, b) => a.position - b.position);
        histories.set(subject, all.slice(0, MAX_ROWS + 1));
      }
      return histories;
    },
    outlines: async (partition, subjects) => outlinesOf(partition, await history.read(partition, subjects)),
    prepareOutlines: async () => {},
    seen: (partition) => everybodys((history) => history.seen(partition)),
    insertReference: async (partition, rows) => {
      if (rows.length > 0) await connection.write('rows', () => void shared.insertReference(partition, rows));
    },
    readReference: (partition) => everybodys((history) => history.readReference(partition)),
    soldSince: async (partition, wanted) => [
      ...(await own.soldSince(partition, wanted)),
      ...(await everybodys((history) => history.soldSince(partition, wanted))),
    ],
    codesSince: async (partition, wanted) => [
      ...(await own.codesSince(partition, wanted)),
      ...(await everybodys((history) => history.codesSince(partition, wanted))),
    ],
  };
  return history;
}

function asValue(finding: unknown): { value: Buffer } {
  return { value: Buffer.from(JSON.stringify(finding)) };
}
