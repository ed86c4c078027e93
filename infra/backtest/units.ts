// Values as people write them, 5m, 72h, ¥800, in the unit that a parameter is kept in.

const MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  days: 86_400_000,
};
const FEN: Record<string, number> = { fen: 1, yuan: 100 };

export type Unit = 'ms' | 's' | 'min' | 'hours' | 'd' | 'days' | 'fen' | 'yuan';

/** The unit that a parameter's description names: its last words before `Source:`. Null: a count, a share, a list. */
export function unitOf(description: string | undefined): Unit | null {
  return (/, (ms|s|min|hours|h|days|d|fen|yuan)\b(?=[.:;])/.exec(description ?? '')?.[1] as Unit | undefined) ?? null;
}

/** How long so much of a unit of time is, ms; null where it is no time. */
export function milliseconds(value: unknown, unit: Unit | null): number | null {
  const each = unit === null ? undefined : MS[unit];
  return each === undefined || typeof value !== 'number' ? null : value * each;
}

/**
 * A number with or without its unit → in the parameter's unit. Time without a unit is in the parameter's own, money in yuan.
 * @returns null where the text is no quantity of that unit
 */
export function quantity(text: string, unit: Unit): number | null {
  const { number, of } = /^¥?(?<number>-?\d+(?:\.\d+)?)(?<of>[a-z]*)$/.exec(text.trim())?.groups ?? {};
  if (number === undefined) return null;
  const money = FEN[unit];
  if (money !== undefined) {
    const given = FEN[of === '' ? 'yuan' : (of ?? '')];
    return given === undefined ? null : (Number(number) * given) / money;
  }
  const given = of === '' ? MS[unit] : MS[of ?? ''];
  return given === undefined || text.startsWith('¥') ? null : (Number(number) * given) / (MS[unit] as number);
}

/** What is accepted for a unit, for messages. */
export function accepted(unit: Unit | null): string {
  if (unit === null) return '';
  return unit in FEN
    ? ' (an amount in yuan, such as 800)'
    : ` (a time such as 90s, 5m, 72h or 3d; a bare number is ${unit})`;
}
