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

const whens = z.array(
  z.strictObject({
    kind: z.string().optional(),
    level: z.string().optional(),
    district: z.string().optional(),
    params: override,
  }),
);

/** Shape of rules.yaml. A later `when` that fits overrides an earlier one. */
export const rulesSchema = z.strictObject({
  detectors: z
    .record(
      z.string(),
      z.strictObject({
        enabled: z.boolean().optional(),
        params: override.optional(),
        when: whens.optional(),
        /** Other parameters, compared live and never told: `params` on top of those above, `when` in the place of the one above. */
        shadow: z.strictObject({ params: override.optional(), when: whens.optional() }).optional(),
      }),
    )
    .default({}),
});
export type Rules = z.output<typeof rulesSchema>;

type Rule = Rules['detectors'][string];

export interface RuleBook {
  /** The rules in force, told again, change nothing. */
  take(change: RuleChange): void;
  restore(): void;
  enabled(detector: DetectorId): boolean;
  params(detector: DetectorId, institution: Described | null): unknown;
  /** As `params` and `shadowParams`, where they are the same for every institution; null: they are not. Holds until the generation changes. */
  uniform(detector: DetectorId, shadow: boolean): unknown;
  /** Counts the rules taken. */
  readonly generation: number;
  /** 11 characters: the detector with the parameters in force. */
  version(detector: DetectorId): string;
  /** What is said of a detector that has shadow parameters, as text: other text, another comparison. Null: it has none. */
  shadow(detector: DetectorId): string | null;
  /** As `params`, with the shadow parameters. */
  shadowParams(detector: DetectorId, institution: Described | null): unknown;
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
  for (const definition of detectors) {
    const rule = rules.detectors[definition.id];
    for (const when of [...(rule?.when ?? []), ...(rule?.shadow?.when ?? [])]) canApply(definition, when);
    if (rule?.shadow !== undefined) canHaveShadow(definition, detectors);
  }
  return rulesOf(rules, detectors);
}

/** Rules as if nobody had asked for shadows. */
export function withoutShadows(rules: Rules): Rules {
  return { detectors: Object.fromEntries(Object.entries(rules.detectors).map(([id, rule]) => [id, spoken(rule)])) };
}

function spoken({ shadow: _, ...rule }: Rule): Rule {
  return rule;
}

/** @throws Error where nothing could run beside the detector. */
function canHaveShadow(definition: DetectorDefinition, detectors: readonly DetectorDefinition[]): void {
  if (isWindowed(definition)) return;
  const { id } = definition;
  if ('spokenBy' in definition)
    throw new Error(
      `shadow of ${id} cannot apply: ${String(definition.spokenBy)} judges it along with its own, expected it there`,
    );
  const windowed = detectors.filter(isWindowed).map((each) => each.id);
  throw new Error(
    `shadow of ${id} cannot apply: it is judged in the ledger, expected a windowed detector (${windowed.join(', ')}); npm run backtest compares parameters of ${id} over the archive`,
  );
}

function isWindowed(definition: DetectorDefinition): boolean {
  return 'kind' in definition && definition.kind === 'windowed';
}

type When = NonNullable<Rule['when']>[number];

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
    for (const { params = {}, when = [] } of [rule, rule.shadow ?? {}])
      for (const each of [params, ...when.map((w) => w.params)]) paramsOf(definition, [each]);
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
  let generation = 0;
  let versions = new Map<string, string>();
  let params: Parameters = () => undefined;
  let shadowParams: Parameters = () => undefined;
  const definitionOf = (id: DetectorId): DetectorDefinition => {
    const definition = byId.get(id);
    if (definition === undefined) throw new Error(`no detector ${id} is registered`);
    return definition;
  };
  const adopt = (value: unknown): void => {
    rules = rulesOf(shaped(value), definitions);
    generation++;
    versions = new Map();
    params = createParameters((id) => rules.detectors[id], definitionOf);
    const then = new Map(Object.entries(rules.detectors).map(([id, rule]) => [id, proposed(rule)]));
    shadowParams = createParameters((id) => then.get(id), definitionOf);
  };
  adopt(undefined);
  return {
    take: (change) => {
      if (JSON.stringify(change.rules) === JSON.stringify(table.get('rules'))) return;
      adopt(change.rules);
      table.set('rules', change.rules);
    },
    restore: () => adopt(table.get('rules')),
    enabled: (id) => rules.detectors[id]?.enabled ?? true,
    params: (id, institution) => params(id, institution),
    uniform: (id, shadow) => {
      const rule = rules.detectors[id];
      const when = shadow ? (rule?.shadow?.when ?? rule?.when) : rule?.when;
      return when === undefined ? (shadow ? shadowParams : params)(id, null) : null;
    },
    get generation() {
      return generation;
    },
    version: (id) => {
      let version = versions.get(id);
      if (version === undefined) {
        const defaults = paramsOf(definitionOf(id), []);
        const said = spoken(rules.detectors[id] ?? {});
        version = digest(JSON.stringify([id, defaults, Object.keys(said).length === 0 ? null : said]), 11);
        versions.set(id, version);
      }
      return version;
    },
    shadow: (id) => {
      const rule = rules.detectors[id];
      return rule?.shadow === undefined ? null : JSON.stringify(rule);
    },
    shadowParams: (id, institution) => shadowParams(id, institution),
  };
}

type Parameters = (id: DetectorId, institution: Described | null) => unknown;

function createParameters(
  ruleOf: (id: DetectorId) => Rule | undefined,
  definitionOf: (id: DetectorId) => DetectorDefinition,
): Parameters {
  const cache = new Map<string, unknown>();
  return (id, institution) => {
    const rule = ruleOf(id);
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
  };
}

/** A rule as it would be if its shadow were in force. */
function proposed(rule: Rule): Rule {
  if (rule.shadow === undefined) return rule;
  const { params, when = rule.when } = rule.shadow;
  return { params: { ...rule.params, ...params }, ...(when === undefined ? {} : { when }) };
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
