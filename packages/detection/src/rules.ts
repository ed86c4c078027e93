// Parameters in force: each detector's documented defaults, and what rules.yaml says otherwise, by institution kind, level, district.
import { type DetectorId, digest, type RuleChange } from '@yunjian/contracts';
import { z } from 'zod';
import type { DetectorDefinition } from './define.ts';
import type { Registration } from './registry.ts';
import type { Table } from './state.ts';

const override = z.record(z.string(), z.unknown());

/** What `when` is held against. */
export type Described = Pick<Registration, 'category' | 'level' | 'grid'>;

const KINDS: readonly Registration['category'][] = ['hospital', 'clinic', 'pharmacy'];

/** Shape of rules.yaml. A later `when` that fits overrides an earlier one. */
export const rulesSchema = z.strictObject({
  detectors: z
    .record(
      z.string(),
      z.strictObject({
        enabled: z.boolean().optional(),
        params: override.optional(),
        when: z
          .array(
            z.strictObject({
              kind: z.string().optional(),
              level: z.string().optional(),
              district: z.string().optional(),
              params: override,
            }),
          )
          .optional(),
      }),
    )
    .default({}),
});
export type Rules = z.output<typeof rulesSchema>;

export interface RuleBook {
  /** The rules in force, told again, change nothing. */
  take(change: RuleChange): void;
  restore(): void;
  enabled(detector: DetectorId): boolean;
  params(detector: DetectorId, institution: Described | null): unknown;
  /** 11 characters: the detector with the parameters in force. */
  version(detector: DetectorId): string;
}

/**
 * Checks rules against the detectors they name.
 * @throws Error naming detector, parameter, what came and what is expected.
 */
export function readRules(value: unknown, detectors: readonly DetectorDefinition[]): Rules {
  const rules = shaped(value);
  for (const id of Object.keys(rules.detectors))
    if (!detectors.some((d) => d.id === id))
      throw new Error(`rules name detector ${id}, known are ${detectors.map((d) => d.id).join(', ')}`);
  for (const definition of detectors)
    for (const when of rules.detectors[definition.id]?.when ?? []) canApply(definition, when);
  return rulesOf(rules, detectors);
}

type When = NonNullable<NonNullable<Rules['detectors'][string]>['when']>[number];

/** @throws Error where a `when` can never hold, or sets what no institution has. */
function canApply({ id, withoutInstitution = [] }: DetectorDefinition, { kind, level, district, params }: When): void {
  const refuse = (what: string): never => {
    throw new Error(`when of ${id} cannot apply: ${what}`);
  };
  if (kind !== undefined && !KINDS.some((known) => known === kind))
    refuse(`kind: got ${JSON.stringify(kind)}, expected ${KINDS.join(', ')}`);
  if (level === '') refuse('level: got "", expected a level as registered');
  if (district === '') refuse('district: got "", expected a district as registered');
  for (const name of withoutInstitution)
    if (name in params) refuse(`${name} belongs to no institution, expected it under params of the detector`);
}

function shaped(value: unknown): Rules {
  const result = rulesSchema.safeParse(value ?? {});
  if (!result.success)
    throw new Error(
      `rules do not fit: ${result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
    );
  return result.data;
}

/** Rules of these detectors: one file serves several processes, and what it says of others' detectors is not looked at. */
function rulesOf(rules: Rules, detectors: readonly DetectorDefinition[]): Rules {
  const own: Rules = { detectors: {} };
  for (const definition of detectors) {
    const rule = rules.detectors[definition.id];
    if (rule === undefined) continue;
    for (const params of [rule.params ?? {}, ...(rule.when ?? []).map((w) => w.params)]) paramsOf(definition, [params]);
    own.detectors[definition.id] = rule;
  }
  return own;
}

function paramsOf(definition: DetectorDefinition, overrides: readonly Record<string, unknown>[]): unknown {
  const given = Object.assign({}, ...overrides) as Record<string, unknown>;
  const result = z.strictObject(definition.params.shape).safeParse(given);
  if (result.success) return result.data;
  throw new Error(
    `parameters of ${definition.id} do not fit: ${result.error.issues
      .map(({ path: [name], path, message }) =>
        name === undefined
          ? `${message}; known are ${Object.keys(definition.params.shape).join(', ')}`
          : `${path.join('.')}: got ${JSON.stringify(given[String(name)])}, ${message}`,
      )
      .join('; ')}`,
  );
}

export function createRules(definitions: readonly DetectorDefinition[], table: Table<unknown>): RuleBook {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  let rules: Rules = { detectors: {} };
  let versions = new Map<string, string>();
  let cache = new Map<string, unknown>();
  const definitionOf = (id: DetectorId): DetectorDefinition => {
    const definition = byId.get(id);
    if (definition === undefined) throw new Error(`no detector ${id} is registered`);
    return definition;
  };
  const adopt = (value: unknown): void => {
    rules = rulesOf(shaped(value), definitions);
    versions = new Map();
    cache = new Map();
  };
  return {
    take: (change) => {
      if (JSON.stringify(change.rules) === JSON.stringify(table.get('rules'))) return;
      adopt(change.rules);
      table.set('rules', change.rules);
    },
    restore: () => adopt(table.get('rules')),
    enabled: (id) => rules.detectors[id]?.enabled ?? true,
    params: (id, institution) => {
      const rule = rules.detectors[id];
      const known = cache.get(id);
      if (known !== undefined && rule?.when === undefined) return known;
      const fitting = (rule?.when ?? [])
        .map((w, i) => ({ w, i }))
        .filter(({ w }) => institution !== null && fits(w, institution));
      const key = [id, ...fitting.map(({ i }) => i)].join('/');
      let params = cache.get(key);
      if (params === undefined) {
        params = paramsOf(definitionOf(id), [rule?.params ?? {}, ...fitting.map(({ w }) => w.params)]);
        cache.set(key, params);
      }
      return params;
    },
    version: (id) => {
      let version = versions.get(id);
      if (version === undefined) {
        const defaults = paramsOf(definitionOf(id), []);
        version = digest(JSON.stringify([id, defaults, rules.detectors[id] ?? null]), 11);
        versions.set(id, version);
      }
      return version;
    },
  };
}

function fits(
  when: { kind?: string | undefined; level?: string | undefined; district?: string | undefined },
  institution: Described,
): boolean {
  return (
    (when.kind === undefined || when.kind === institution.category) &&
    (when.level === undefined || when.level === institution.level) &&
    (when.district === undefined || institution.grid.includes(when.district))
  );
}
