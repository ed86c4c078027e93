// Which drugs carry a traceability code at all (domain.md §2).
import { z } from 'zod';

/** Parameters of every rule that must tell drugs with codes from the other items of a bill. */
export const codedDrugs = {
  coded: z
    .array(z.string())
    .default(['X', 'Z'])
    .describe(
      'How the national codes of drugs begin that carry a traceability code: X western drugs, Z Chinese patent medicines. Items that the catalogue has as a drug carry one too. Source: national drug code table.',
    ),
  uncoded: z
    .array(z.string())
    .default(['T'])
    .describe(
      'How the national codes of drugs begin that need none: T herbal slices and their granules. Source: domain.md §2.',
    ),
  uncodedNames: z
    .array(z.string())
    .default(['饮片', '配方颗粒'])
    .describe('Words in the name of an item that needs none. Source: domain.md §2, herbal slices and granules.'),
};

export interface CodedDrugs {
  coded: string[];
  uncoded: string[];
  uncodedNames: string[];
}

/** @param inCatalogue whether the catalogue has the item */
export function carriesCode(
  { item, name }: { item: string; name: string | null },
  inCatalogue: boolean,
  { coded, uncoded, uncodedNames }: CodedDrugs,
): boolean {
  if (uncoded.some((prefix) => item.startsWith(prefix))) return false;
  if (name !== null && uncodedNames.some((word) => name.includes(word))) return false;
  return inCatalogue || coded.some((prefix) => item.startsWith(prefix));
}
