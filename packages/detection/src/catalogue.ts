// The drug catalogue as a lane partition knows it: of two records of a drug the later event time holds, whatever arrived first.
import type { Drug } from '@yunjian/contracts';
import type { Table } from './state.ts';

export interface Catalogue {
  /** Whether the drug is sold on prescription only; null when the catalogue does not know it or does not say. */
  prescriptionDrug(item: string): boolean | null;
}

export interface CatalogueBook extends Catalogue {
  take(event: Drug): void;
}

/** [event time in ms, document, prescription drug]; at one instant the greater document holds. */
type Entry = [number, string, boolean | null];

/** A catalogue over a table keyed by the drug's national code. */
export function createCatalogue(table: Table<Entry>): CatalogueBook {
  return {
    prescriptionDrug: (item) => table.get(item)?.[2] ?? null,
    take: ({ item, eventTime, document, prescriptionDrug }) => {
      const known = table.get(item);
      if (known !== undefined && known[1] !== document)
        if (known[0] > eventTime || (known[0] === eventTime && known[1] > document)) return;
      table.set(item, [eventTime, document, prescriptionDrug]);
    },
  };
}
