// Who may watch and act: bearer tokens with the operator's name, compared in constant time.
import { hash, timingSafeEqual } from 'node:crypto';

export interface Operator {
  name: string;
}

export interface Operators {
  /** The operator whose token it is, or null. */
  byToken(token: string): Operator | null;
}

export function operatorsOf(tokens: readonly { token: string; name: string }[]): Operators {
  const known = tokens.map(({ token, name }) => ({ digest: digestOf(token), operator: { name } }));
  return {
    byToken(token) {
      const given = digestOf(token);
      let found: Operator | null = null;
      for (const { digest, operator } of known) if (timingSafeEqual(digest, given)) found = operator;
      return found;
    },
  };
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
