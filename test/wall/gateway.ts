// The real gateway and page over a log held in memory: what the browser sees without a broker behind it.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AlertRecord,
  type Command,
  type CommandReply,
  FEEDS,
  isoShanghai,
  type LaneEvent,
  type Mark,
} from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { buildPage } from '../../services/wall/build.ts';
import { CommandDesk } from '../../services/wall/src/commands.ts';
import { createApi } from '../../services/wall/src/http/api.ts';
import { createLives } from '../../services/wall/src/http/lives.ts';
import { loadPage, type Page } from '../../services/wall/src/http/page.ts';
import { routesOf } from '../../services/wall/src/http/routes.ts';
import type { Reveal } from '../../services/wall/src/lives/ledgers.ts';
import { operatorsOf } from '../../services/wall/src/operators.ts';
import { SESSION_LIMITS } from '../../services/wall/src/protocol/session.ts';
import { attachSockets } from '../../services/wall/src/sockets.ts';
import { World } from '../../services/wall/src/world.ts';
import { institutionNames } from './city.ts';

export const TOKEN = 'test-token';
const BULLETIN = {
  year: 2026,
  quarter: 3,
  revision: 2,
  issued_at: '2026-10-15T08:00:00+08:00',
  institutions: 60,
  ahead: 7,
};

let page: Promise<Page> | null = null;

/** Names that the archive would have. */
const INSTITUTIONS = Object.fromEntries(institutionNames());

/** The page as it now stands, built once a process, beside whatever a running stack serves. */
async function builtPage(): Promise<Page> {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-page-'));
  try {
    return loadPage(await buildPage(directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export interface MemoryGateway {
  url: string;
  world: World;
  /** Appends to the log what an alerting would have written. */
  append(...alerts: AlertRecord[]): void;
  /** The log becomes another one that holds these: every client gets a new picture. */
  anew(...alerts: AlertRecord[]): void;
  /** Sets the clocks of every feed as a router's mark would. */
  mark(arrival: number, silent?: Partial<Record<(typeof FEEDS)[number], number>>): void;
  /** What happens to a command; the default does it when the version is the newest. */
  answer: (command: Command) => CommandReply | null;
  /** What the ledgers hold of a code or a person, by subject. */
  histories: Map<string, LaneEvent[]>;
  /** Looks at persons that were recorded. */
  reveals: Reveal[];
  /** Ends every client's connection without a word, as a network does. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function startGateway(options: { port?: number; pingMs?: number } = {}): Promise<MemoryGateway> {
  page ??= builtPage();
  const world = new World({
    now: Date.now,
    maxBufferedBytes: 4 * 1024 * 1024,
    archive: async () => [],
    onBadRecord: fail,
  });
  world.begin(0, []);
  world.open('memory', 'start');
  world.ready = true;
  const feed = () => world.compared(0, true);
  feed();
  const feeding = setInterval(feed, 500);
  const desk = new CommandDesk(
    {
      async send(command) {
        const reply = gateway.answer(command);
        if (reply !== null) setImmediate(() => desk.reply(reply));
      },
    },
    () => {},
  );
  const operators = operatorsOf([{ token: TOKEN, name: '李明' }]);
  const histories = new Map<string, LaneEvent[]>();
  const reveals: Reveal[] = [];
  const lives = createLives({
    ledgers: {
      history: async (_lane, subject) => ({ documents: histories.get(subject) ?? [], truncated: false }),
      drugName: async () => '盐酸氨溴索口服溶液',
      recordReveal: async (reveal) => void reveals.push(reveal),
    },
    now: Date.now,
    newId: randomUUID,
    onReveal: () => {},
    onUnavailable: fail,
  });
  const server = createServer(
    routesOf({
      api: createApi({
        store: world.store,
        epoch: () => world.hub.epoch,
        desk,
        operators,
        ready: () => world.ready,
        history: (id) => world.history(id),
        kpis: () => world.kpis(),
        institutions: async () => INSTITUTIONS,
        catalogue: JSON.stringify([...detectors, ...ledgerRules].map(({ id, texts }) => ({ id, ...texts }))),
        lives,
        bulletins: {
          list: async () => JSON.stringify({ bulletins: [BULLETIN] }),
          file: async (quarter, params) => ({
            type: 'text/plain',
            name: quarter,
            body: `${quarter} ${params.get('format')} ${params.get('revision')}`,
          }),
        },
      }),
      page: await page,
      onError: fail,
    }),
  );
  const sayGoodbye = attachSockets(server, {
    world,
    desk,
    operators,
    metrics: { sessionStarted() {}, sessionEnded() {}, frameSent() {}, recordsRead() {}, badRecord() {}, command() {} },
    limits: { ...SESSION_LIMITS, pingMs: options.pingMs ?? 500 },
  });
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));

  let logs = 0;
  const append = (...alerts: AlertRecord[]) => {
    const from = world.store.position;
    world.take(
      alerts.map((alert, i) => ({ offset: from + i, value: JSON.stringify(alert) })),
      from + alerts.length,
    );
  };
  const gateway: MemoryGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    histories,
    reveals,
    append,
    anew(...alerts) {
      world.begin(0, []);
      append(...alerts);
      world.open(`memory ${++logs}`, 'log_changed');
    },
    mark(arrival, silent = {}) {
      const entries: Mark['entries'] = FEEDS.map((of) => ({
        feed: of,
        partition: 0,
        next: 1,
        arrival,
        lastEvent: silent[of] ?? arrival,
      }));
      world.sources.mark({
        kind: 'mark',
        entries,
        partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
      });
    },
    answer(command) {
      const held = world.store.get(command.alert_id);
      const base = { idem: command.idem, alert_id: command.alert_id };
      if (held === undefined) return { ...base, outcome: 'unknown_alert', message: 'no such alert', alert: null };
      const alert = JSON.parse(held.json) as AlertRecord;
      if (held.version !== command.if_version)
        return { ...base, outcome: 'version_conflict', message: `the alert stands at ${held.version}`, alert };
      const next = acted(alert, command);
      append(next);
      return { ...base, outcome: 'done', message: '', alert: next };
    },
    dropConnections() {
      for (const socket of connections) socket.destroy();
    },
    async close() {
      clearInterval(feeding);
      await sayGoodbye();
      server.close();
      server.closeAllConnections();
    },
  };
  return gateway;
}

function fail(error: unknown): never {
  throw error;
}

function acted(alert: AlertRecord, command: Command): AlertRecord {
  const { action, by, reason } = command;
  const state = { ...alert.state };
  if (action === 'ack' || action === 'unack') state.acked = action === 'ack';
  if (action === 'shelve' || action === 'unshelve') state.shelved = action === 'shelve';
  if (action === 'dispose') state.disposed = true;
  return {
    ...alert,
    version: alert.version + 1,
    state,
    updated_at: isoShanghai(Date.now()),
    ...(action === 'assign' ? { assignee: command.assignee ?? null } : {}),
    transition: { action, by, reason },
  };
}
