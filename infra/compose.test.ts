// docker-compose.yml, Prometheus and Grafana describe the system that the code is: they cannot be run everywhere, so they are held
// against it here.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonEnv, describeEnv } from '@yunjian/service';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { BROKER_HEAP, BROKER_SETTINGS, SINGLE_NODE_SETTINGS } from './kafka/settings.ts';
import { entryOf, SERVICES } from './local/services.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');

interface ComposeService {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  ports?: string[];
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, ComposeService> };

/** The settings of a service, as its own code declares them. */
async function schemaOf(service: string): Promise<z.ZodObject> {
  const module = (await import(join(REPOSITORY, 'services', service, 'src', 'env.ts'))) as Record<string, unknown>;
  const schema = Object.values(module).find((value) => value instanceof z.ZodObject && 'YJ_PORT' in value.shape);
  if (schema === undefined) throw new Error(`services/${service}/src/env.ts exports no schema with YJ_PORT`);
  return schema as z.ZodObject;
}

describe.each(SERVICES)('service $name', ({ name, port, secrets }) => {
  const service = compose.services[name]!;

  it('is run as here, on the port of its schema, with nothing set that it does not read', async () => {
    expect(service.command).toEqual([`services/${name}/src/main.ts`]);
    expect(existsSync(entryOf(name))).toBe(true);
    const rows = describeEnv(await schemaOf(name));
    expect(rows.find((row) => row.name === 'YJ_PORT')?.default).toBe(String(port));
    expect(service.environment?.YJ_PORT).toBe(String(port));
    const known = rows.map((row) => row.name);
    expect(Object.keys(service.environment ?? {}).filter((variable) => !known.includes(variable))).toEqual([]);
  });

  it('is told every secret that production asks for, and no other', async () => {
    const asked = describeEnv(await schemaOf(name)).filter((row) => row.secret);
    const names = asked.map((row) => row.name).sort();
    expect([...secrets].sort()).toEqual(names);
    const told = Object.keys(service.environment ?? {}).filter((variable) => /_KEYS?$|_TOKENS$/.test(variable));
    expect(told.sort()).toEqual(names);
    for (const secret of names) expect(service.environment?.[secret]).toBe(`\${${secret}:?set it in .env}`);
  });

  it('is watched, and waits for the topics and tables', () => {
    expect(service.healthcheck?.test.join(' ')).toContain('/readyz');
    expect(service.depends_on).toEqual({ setup: { condition: 'service_completed_successfully' } });
  });
});

it('runs no service that the local stack does not know, and maps the two doors', () => {
  const ours = Object.entries(compose.services).filter(([, { image }]) => image === 'yunjian');
  expect(ours.map(([name]) => name).sort()).toEqual([...SERVICES.map(({ name }) => name), 'setup'].sort());
  expect(compose.services.ingest?.ports).toEqual(['8081:8081']);
  expect(compose.services.wall?.ports).toEqual(['8080:8080']);
});

it('creates topics and tables with the step of the local stack, once the servers are healthy', () => {
  const setup = compose.services.setup!;
  expect(setup.command).toEqual(['infra/local/setup.ts']);
  expect(existsSync(join(REPOSITORY, setup.command![0]!))).toBe(true);
  const known = Object.keys(commonEnv.shape);
  expect(Object.keys(setup.environment ?? {}).filter((variable) => !known.includes(variable))).toEqual([]);
  expect(setup.depends_on).toEqual({
    kafka: { condition: 'service_healthy' },
    clickhouse: { condition: 'service_healthy' },
  });
});

it('gives the broker the version and the settings of the local one', () => {
  const { image, environment } = compose.services.kafka!;
  const version = /<kafka.version>([^<]+)</.exec(read('infra/kafka/pom.xml'))?.[1];
  expect(image).toBe(`apache/kafka:${version}`);
  for (const [name, value] of Object.entries({ ...SINGLE_NODE_SETTINGS, ...BROKER_SETTINGS })) {
    expect([name, environment?.[`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`]]).toEqual([name, value]);
  }
  expect(environment?.KAFKA_HEAP_OPTS).toBe(`-Xmx${BROKER_HEAP}`);
  expect(compose.services.ingest?.environment?.KAFKA_BROKERS).toBe('kafka:9092');
  expect(environment?.KAFKA_ADVERTISED_LISTENERS).toBe('PLAINTEXT://kafka:9092');
});

it('watches every service that is not one of ours', () => {
  const others = Object.entries(compose.services).filter(([, { image }]) => image !== 'yunjian');
  for (const [name, { healthcheck, image }] of others) {
    expect([name, healthcheck === undefined]).toEqual([name, false]);
    expect(image).toMatch(/:[\w.]+$/);
  }
});

it('lets Prometheus scrape every service', () => {
  const config = parse(read('infra/prometheus/prometheus.yml')) as {
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  const targets = config.scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap((one) => one.targets));
  expect(targets.sort()).toEqual(SERVICES.map(({ name, port }) => `${name}:${port}`).sort());
});

it('draws only metrics that the services have', () => {
  const sources = globSync('{packages,services}/*/src/**/*.ts', { cwd: REPOSITORY }).map(read).join('\n');
  const drawn = new Set(read('infra/grafana/dashboards/yunjian.json').match(/yunjian_[a-z0-9_]+/g));
  const own = [...drawn].filter((name) => !/^yunjian_(process|nodejs)_/.test(name));
  const missing = own.filter((name) => {
    const declared = name.replace(/^yunjian_/, '').replace(/_(bucket|sum|count)$/, '');
    return !sources.includes(`'${declared}'`);
  });
  expect(own.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});
