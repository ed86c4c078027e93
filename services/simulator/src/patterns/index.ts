// The patterns that are injected, and the innocent look-alikes. Append only: a pattern's number is part of its persons and serials.
import { identityCheckMissing } from './identity-check-missing.ts';
import type { Pattern } from './pattern.ts';
import { traceCounterfeit } from './trace-counterfeit.ts';
import { traceSubstitution } from './trace-substitution.ts';
import { verificationUnavailable } from './verification-unavailable.ts';

export const PATTERNS: readonly Pattern[] = [
  identityCheckMissing,
  verificationUnavailable,
  traceSubstitution,
  traceCounterfeit,
];
