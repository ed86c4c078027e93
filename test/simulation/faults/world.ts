// One simulated world: the real parts on a simulated broker, the city that feeds them, and the faults that strike; all from one seed.
import { createPseudonymiser, FEEDS, type Feed, type Pseudonymiser } from '@yunjian/contracts';
import type { AnyDetector, InstitutionLane, LedgerRule } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { partitionFor } from '@yunjian/kafka';
import type { CheckpointLog } from '@yunjian/processor';
import { MemoryHistory } from '@yunjian/service-ledger';
import { AlertingHost } from './alerting.ts';
import { Broker } from './broker.ts';
import { type City, cityOf, type Sending } from './city.ts';
import { DetectorHost } from './detector.ts';
import { Group, type Tenure } from './group.ts';
import { Injector, type Limits } from './injector.ts';
import { Kernel, Process } from './kernel.ts';
import { LedgerHost } from './ledger.ts';
import { NAMES } from './names.ts';
import { Connection, type Surroundings } from './network.ts';
import { type RawPartition, RouterHost, rawPartitions } from './router.ts';

/** Only these detectors run: others have tests of their own. */
const WINDOWED = ['identity-check-missing', 'identity-mismatch', 'verification-unavailable', 'quarterly-spend'];

/** Places where a test puts a defect in, to see that it is noticed. */
export interface Ports {
  /** Checkpoints of detectors. */
  checkpointLog?(log: CheckpointLog): CheckpointLog;
  /** Whether a detector sends findings once and waits for no answer. */
  tellsOnce?: boolean;
  /** A finding as alerting reads it. */
  finding?(value: Buffer, offset: number): Buffer;
  /** Whether the router's marks bear the time of now, and not the arrival of what it has merged. */
  marksNow?: boolean;
}

export interface Settings {
  lanePartitions: number;
  rawPartitions: Record<Feed, number>;
  tickMs: number;
  markMs: number;
  checkpointMs: number;
  /** Most records of one fetch. */
  batch: number;
  /** Probability that a write meets a fault. */
  faultRate: number;
  /** Where events go: to their institution's partition, to any, or all to the first. */
  spread: 'keyed' | 'any' | 'first';
  /** Processes of each service. */
  processes: number;
  ports?: Ports;
}

export interface Options {
  settings?: Partial<Settings>;
  limits?: Limits;
  /** In place of the city of the seed. */
  sendings?: readonly Sending[];
  /** Feeds of which nothing is read for so long from the start on, ms. */
  holds?: Partial<Record<Feed, number>>;
}

interface Host {
  readonly process: Process;
  serve(tenure: Tenure): Promise<void>;
  lost?(partition: number): void;
  /** Makes what was done count, while it is still a member. */
  close?(): Promise<void>;
}
type ServiceName = 'router' | 'detector' | 'ledger' | 'alerting';
const SERVICES: readonly ServiceName[] = ['router', 'detector', 'ledger', 'alerting'];

export class World implements Surroundings {
  readonly seed: number;
  readonly city: City;
  readonly sendings: readonly Sending[];
  readonly settings: Settings;
  readonly kernel: Kernel;
  readonly broker: Broker;
  readonly injector: Injector;
  readonly history = new MemoryHistory();
  readonly pseudonymiser: Pseudonymiser = PSEUDONYMISER;
  readonly detectors: readonly AnyDetector[] = DETECTORS;
  readonly rules: readonly LedgerRule[] = RULES;
  readonly raw: readonly RawPartition[];
  readonly groups: Record<ServiceName, Group>;
  /** What a part of the product said that it must never say. */
  readonly broken: string[] = [];
  /** The lane's state as of the process that has read furthest, by partition. */
  readonly cores = new Map<number, { next: number; core: InstitutionLane }>();
  /** Offset of lane.alert below which everything is decided and written. */
  decided = 0;
  ticking = true;
  marking = true;
  readonly #hosts = new Map<Process, Host>();
  readonly #services = new Map<Process, ServiceName>();
  readonly #held = new Map<Feed, number>();
  #started = 0;

  constructor(seed: number, options: Options = {}) {
    this.seed = seed;
    this.city = cityOf(seed);
    this.kernel = new Kernel(seed, this.city.start);
    this.settings = { ...this.#drawn(), ...options.settings };
    this.broker = new Broker(this.kernel);
    this.injector = new Injector(this.settings.faultRate, options.limits ?? {});
    this.raw = rawPartitions(this.settings.rawPartitions);
    const sizes = { router: this.raw.length, detector: this.settings.lanePartitions, alerting: 1 };
    const group = (name: ServiceName, partitions: number): Group => {
      return new Group(this, NAMES.group(name), partitions, {
        serve: (tenure) => this.#served(tenure),
        lost: (process, partition) => this.#hosts.get(process)?.lost?.(partition),
      });
    };
    this.groups = {
      router: group('router', sizes.router),
      detector: group('detector', sizes.detector),
      ledger: group('ledger', sizes.detector),
      alerting: group('alerting', sizes.alerting),
    };
    const door = new Connection(this, new Process('door', this.kernel), false);
    this.sendings = options.sendings ?? this.city.sendings;
    for (const sending of this.sendings) this.kernel.at(sending.at, () => void this.#send(door, sending));
    for (const [feed, ms] of Object.entries(options.holds ?? {})) this.hold(feed as Feed, ms);
    for (const service of SERVICES) for (let i = 0; i < this.settings.processes; i++) this.#start(service);
  }

  /** Processes of a service that live. */
  living(service: ServiceName): Process[] {
    return [...this.#services]
      .filter(([process, name]) => name === service && process.alive)
      .map(([process]) => process);
  }

  broke(what: string): void {
    this.broken.push(what);
  }

  crash(process: Process): void {
    const service = this.#services.get(process);
    if (service === undefined || !process.alive) return;
    process.alive = false;
    this.#hosts.delete(process);
    this.groups[service].lost(process);
    this.kernel.after(this.kernel.between(500, 15_000), () => this.#start(service));
  }

  /** It finishes what it can, leaves its group and is started again, as in a rolling restart. */
  end(process: Process): void {
    const service = this.#services.get(process);
    if (service === undefined || !process.alive) return;
    const closed = this.#hosts.get(process)?.close?.() ?? Promise.resolve();
    void Promise.race([closed, this.kernel.sleep(10_000)]).then(() => {
      if (!process.alive) return;
      this.crash(process);
      void this.groups[service].rebalance();
    });
  }

  stop(process: Process, ms = this.kernel.between(2000, 45_000)): void {
    const service = this.#services.get(process);
    if (service === undefined || !process.responsive) return;
    process.stoppedUntil = this.kernel.now + ms;
    this.groups[service].stopped(process);
  }

  rebalance(process: Process): void {
    const service = this.#services.get(process);
    if (service !== undefined) void this.groups[service].rebalance();
  }

  /** Whether nothing of a feed is read for now, although it is there. */
  held(feed: Feed): boolean {
    return (this.#held.get(feed) ?? 0) > this.kernel.now;
  }

  hold(feed: Feed, ms: number): void {
    this.#held.set(feed, this.kernel.now + ms);
  }

  /** A detector has acknowledged a lane up to `next`. */
  processed(partition: number, next: number, core: InstitutionLane): void {
    if ((this.cores.get(partition)?.next ?? -1) <= next) this.cores.set(partition, { next, core });
  }

  /** No more faults: who was stopped goes on, what was away is back. */
  heal(): void {
    this.injector.on = false;
    this.broker.awayUntil = 0;
    this.#held.clear();
    for (const process of this.#services.keys()) process.stoppedUntil = Math.min(process.stoppedUntil, this.kernel.now);
  }

  #served(tenure: Tenure): Promise<void> {
    const host = this.#hosts.get(tenure.process);
    if (host === undefined) return Promise.resolve();
    return host
      .serve(tenure)
      .catch((error: unknown) => this.broke(`${tenure.process.name}: ${(error as Error).stack}`));
  }

  #start(service: ServiceName): void {
    const process = new Process(`${service}${this.#started++}`, this.kernel);
    const make = { router: RouterHost, detector: DetectorHost, ledger: LedgerHost, alerting: AlertingHost }[service];
    this.#services.set(process, service);
    this.#hosts.set(process, new make(this, process, this.groups[service]));
    this.groups[service].join(process);
  }

  async #send(door: Connection, { event }: Sending): Promise<void> {
    const feed = feedOf(event.event_type as string);
    const partitions = this.settings.rawPartitions[feed];
    const { spread } = this.settings;
    const keyed = partitionFor(event.fixmedins_code as string, partitions);
    const partition = spread === 'any' ? this.kernel.between(0, partitions - 1) : spread === 'first' ? 0 : keyed;
    await door.append('event', NAMES.raw(feed), partition, [{ value: Buffer.from(JSON.stringify(event)) }]);
  }

  #drawn(): Settings {
    const { kernel } = this;
    const tickMs = kernel.pick([8000, 15_000, 25_000]);
    return {
      lanePartitions: kernel.between(1, 3),
      rawPartitions: { settlement: kernel.between(1, 2), surveillance: kernel.between(1, 2), trace: 1, reference: 1 },
      tickMs,
      markMs: tickMs,
      checkpointMs: kernel.pick([8000, 20_000, 50_000]),
      batch: kernel.pick([1, 3, 10, 40]),
      faultRate: kernel.pick([0, 0.01, 0.03, 0.06]),
      spread: kernel.pick(['keyed', 'keyed', 'any', 'first'] as const),
      processes: kernel.between(1, 2),
    };
  }
}

const PSEUDONYMISER = createPseudonymiser('faults');
const DETECTORS = detectors.filter(({ id }) => WINDOWED.includes(id));
const RULES = ledgerRules.filter(({ id }) => id === 'trace-repeated');

function feedOf(type: string): Feed {
  if (type.startsWith('settlement')) return 'settlement';
  if (type === 'trace') return 'trace';
  if (type === 'identity_check' || type === 'heartbeat' || type === 'camera_status') return 'surveillance';
  return FEEDS[3];
}
