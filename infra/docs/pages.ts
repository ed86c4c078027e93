// The generated pages by their file names under docs/generated.
import { documents } from '@yunjian/contracts/documents';
import { configurationPage } from './configuration-page.ts';
import { detectorsPage } from './detectors-page.ts';
import { metricsPage } from './metrics-page.ts';

export async function pages(): Promise<Map<string, string>> {
  return new Map([
    ['detectors.md', `${detectorsPage().trimEnd()}\n`],
    ['configuration.md', `${(await configurationPage()).trimEnd()}\n`],
    ['metrics.md', `${metricsPage().trimEnd()}\n`],
    ...Array.from(documents(), ([name, text]): [string, string] => [`contracts/${name}`, text]),
  ]);
}
