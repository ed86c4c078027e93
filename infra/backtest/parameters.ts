// `--set detector.parameter=value` as rules, and what a run with such rules needs to read.
import type { DetectorId } from '@yunjian/contracts';
import { type AnyDetector, type DetectorDefinition, type LedgerRule, type Rules, readRules } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { Refusal } from '../local/refusal.ts';
import { accepted, quantity, unitOf } from './units.ts';

const DEFINITIONS: readonly DetectorDefinition[] = [...detectors, ...ledgerRules];
const WINDOWED: readonly AnyDetector[] = detectors;
const LEDGER: readonly LedgerRule[] = ledgerRules as readonly LedgerRule[];

/** One `--set`, in the parameter's own unit. */
export interface Change {
  detector: DetectorId;
  /** `enabled`, or one of the detector's parameters. */
  name: string;
  value: unknown;
}

/** @throws Refusal naming what is not known and what there is. */
export function readChange(text: string): Change {
  const { detector, name, given } = /^(?<detector>[^.=]+)\.(?<name>[^=]+)=(?<given>.*)$/.exec(text)?.groups ?? {};
  if (detector === undefined || name === undefined || given === undefined)
    throw new Refusal(`--set is ${text}: expected detector.parameter=value, such as identity-check-missing.before=5m`);
  const definition = DEFINITIONS.find(({ id }) => id === detector);
  if (definition === undefined)
    throw new Refusal(`--set names detector ${detector}, which there is not. There are: ${ids().join(', ')}`);
  if (name === 'enabled') return { detector: definition.id, name, value: truth(text, given) };
  if ('spokenBy' in definition)
    throw new Refusal(
      `--set names ${detector}, which ${String(definition.spokenBy)} judges along with its own: set the parameter there.`,
    );
  return { detector: definition.id, name, value: fitting(definition, name, given) };
}

function ids(): string[] {
  return DEFINITIONS.map(({ id }) => id).sort();
}

function truth(text: string, given: string): boolean {
  if (given === 'true' || given === 'false') return given === 'true';
  throw new Refusal(`--set is ${text}: expected true or false`);
}

function fitting(definition: DetectorDefinition, name: string, given: string): unknown {
  const shape = definition.params.shape as Record<string, { description?: string | undefined }>;
  const field = shape[name];
  if (field === undefined)
    throw new Refusal(
      `--set names parameter ${name} of ${definition.id}, which has none of that name. It has: ${Object.entries(shape)
        .map(([each, { description }]) => `${each} (${description ?? ''})`)
        .join('; ')}; and enabled.`,
    );
  const unit = unitOf(field.description);
  const wanted = unit === null ? readings(given) : [quantity(given, unit)];
  const reasons: string[] = [];
  for (const value of wanted) {
    const rule = { detectors: { [definition.id]: { params: { [name]: value } } } };
    try {
      readRules(rule, DEFINITIONS);
      return value;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Refusal(
    `--set ${definition.id}.${name}=${given} does not fit${accepted(unit)}. ${field.description ?? ''} ${reasons[0] ?? ''}`,
  );
}

/** A text as number, JSON or list: the first that fits the parameter counts. */
function readings(given: string): unknown[] {
  const readings: unknown[] = [];
  if (given.trim() !== '' && Number.isFinite(Number(given))) readings.push(Number(given));
  try {
    readings.push(JSON.parse(given));
  } catch {
    // No JSON is a text or a list.
  }
  return [...readings, given, given.split(',').map((each) => each.trim())];
}

/** Rules with changes on top. What they say by institution (`when`) stays, and still goes before what holds everywhere. */
export function changed(rules: Rules, changes: readonly Change[]): Rules {
  const made = structuredClone(rules);
  for (const { detector, name, value } of changes) {
    const rule = made.detectors[detector] ?? {};
    made.detectors[detector] = rule;
    if (name === 'enabled') rule.enabled = value === true;
    else rule.params = { ...rule.params, [name]: value };
  }
  return made;
}

export interface Concerned {
  windowed: AnyDetector[];
  ledger: LedgerRule[];
}

/** The detectors that the changes reach, with those that speak along with them: all others say the same under both. */
export function concerned(changes: readonly Change[]): Concerned {
  const named = new Set<string>(changes.map(({ detector }) => detector));
  for (const definition of WINDOWED)
    if (definition.kind === 'spoken' && named.has(definition.id)) named.add(definition.spokenBy);
  for (const definition of DEFINITIONS)
    if (named.has(definition.id)) for (const id of definition.alsoSpeaksFor ?? []) named.add(id);
  return { windowed: WINDOWED.filter(({ id }) => named.has(id)), ledger: LEDGER.filter(({ id }) => named.has(id)) };
}

/** @throws Refusal where rules do not fit the detectors. */
export function checkedRules(value: unknown, from: string): Rules {
  try {
    return readRules(value, DEFINITIONS);
  } catch (error) {
    throw new Refusal(`${from}: ${(error as Error).message}`);
  }
}
