// Which services a start runs, on which ports, with which environment.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command.ts';
import type { StackOptions } from './options.ts';
import { freePorts, isFree } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { Secrets } from './secrets.ts';
import { CLICKHOUSE_PORT, entryOf, KAFKA_CONTROLLER_PORT, KAFKA_PORT, SERVICES, type Service } from './services.ts';

const OWN_BROKER = { kafka: KAFKA_PORT, 'kafka controller': KAFKA_CONTROLLER_PORT };
const OWN_CLICKHOUSE = { clickhouse: CLICKHOUSE_PORT };

export interface Plan {
  services: readonly Service[];
  /** By the name of a service, `kafka`, `kafka controller` or `clickhouse`; what is not started has none. */
  ports: ReadonlyMap<string, number>;
  /** host:port list */
  kafka: string;
  clickhouse: string;
  ownKafka: boolean;
  ownClickhouse: boolean;
}

/** @throws Refusal for an unknown or missing service, or a port that is taken */
export async function planOf(options: StackOptions): Promise<Plan> {
  const services = chosen(options);
  const ownKafka = options.kafkaBrokers === undefined;
  const ownClickhouse = options.clickhouseUrl === undefined;
  const usual = new Map<string, number>([
    ...Object.entries(ownKafka ? OWN_BROKER : {}),
    ...Object.entries(ownClickhouse ? OWN_CLICKHOUSE : {}),
    // All of them, so that the description of a partial stack is whole.
    ...SERVICES.map((service): [string, number] => [service.name, service.port]),
  ]);
  const ports = options.autoPorts ? await fresh([...usual.keys()]) : usual;
  if (!options.autoPorts) await refuseTaken(ports, services);
  return {
    services,
    ports,
    kafka: options.kafkaBrokers ?? `127.0.0.1:${ports.get('kafka')}`,
    clickhouse: options.clickhouseUrl ?? `http://127.0.0.1:${ports.get('clickhouse')}`,
    ownKafka,
    ownClickhouse,
  };
}

export function urlOf(plan: Plan, service: string): string {
  return `http://127.0.0.1:${plan.ports.get(service)}`;
}

/** Settings that every service and the setup share. */
export function commonEnv(plan: Plan) {
  return { YJ_NAMESPACE: 'yj', KAFKA_BROKERS: plan.kafka, CLICKHOUSE_URL: plan.clickhouse };
}

export function serviceCommand(plan: Plan, service: Service, options: StackOptions, secrets: Secrets): Command {
  const known = {
    YJ_API_KEYS: JSON.stringify([{ key: secrets.apiKey, name: 'local', institutions: '*' }]),
    YJ_WALL_TOKENS: JSON.stringify([{ token: secrets.wallToken, name: 'local' }]),
    YJ_PSEUDONYM_KEY: secrets.pseudonymKey,
    YJ_INGEST_API_KEY: secrets.apiKey,
  };
  return {
    file: process.execPath,
    args: [entryOf(service.name)],
    env: {
      ...commonEnv(plan),
      YJ_ENV: process.env.YJ_ENV ?? 'development',
      YJ_HOST: '127.0.0.1',
      YJ_PORT: String(plan.ports.get(service.name)),
      ...Object.fromEntries(service.secrets.map((secret) => [secret, known[secret]])),
      ...ownEnv(plan, service, options),
    },
  };
}

/** What one service alone is told. */
function ownEnv(plan: Plan, service: Service, options: StackOptions): Record<string, string> {
  if (service.name === 'ingest') return { YJ_REVIEW_URL: urlOf(plan, 'ledger') };
  if (service.name === 'ledger') return { YJ_OUTLINES_DIR: join(options.data, 'outlines') };
  if (service.name === 'notifier') return { YJ_WALL_URL: urlOf(plan, 'wall') };
  if (service.name === 'simulator') {
    return {
      YJ_SIM_SPEED: String(options.speed),
      YJ_SIM_TRUTH: join(options.data, 'truth.ndjson'),
      YJ_INGEST_URL: urlOf(plan, 'ingest'),
    };
  }
  return {};
}

function chosen(options: StackOptions): Service[] {
  const unknown = options.only?.find((name) => !SERVICES.some((service) => service.name === name));
  if (unknown !== undefined) {
    throw new Refusal(
      `--only names ${unknown}: the services are ${SERVICES.map((service) => service.name).join(', ')}.`,
    );
  }
  const services = SERVICES.filter(
    ({ name }) => (options.only?.includes(name) ?? true) && (name !== 'simulator' || options.simulator),
  );
  const missing = services.find((service) => !existsSync(entryOf(service.name)));
  if (missing)
    throw new Refusal(`The service ${missing.name} has no ${entryOf(missing.name)}: the checkout is not whole.`);
  return services;
}

async function fresh(names: string[]): Promise<Map<string, number>> {
  const ports = await freePorts(names.length);
  return new Map(names.map((name, index) => [name, ports[index]!]));
}

async function refuseTaken(ports: ReadonlyMap<string, number>, services: readonly Service[]): Promise<void> {
  for (const [name, port] of ports) {
    const used =
      services.some((service) => service.name === name) || !SERVICES.some((service) => service.name === name);
    if (used && !(await isFree(port))) {
      throw new Refusal(
        `Port ${port} (${name}) is taken by another program: stop that, or start with npm start -- --ports auto.`,
      );
    }
  }
}
