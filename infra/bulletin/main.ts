// Process: `npm run bulletin`. Issues a quarter's bulletin from the archive and writes it as files.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvOf, issueBulletin, lettersOf, pageOf, xlsxOf } from '@yunjian/bulletin';
import { localDate, localDay, type Quarter, quarterDays } from '@yunjian/contracts';
import { openArchive } from '../local/archive.ts';
import { codeOf } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';
import { type BulletinOptions, HELP, readBulletinOptions } from './options.ts';

process.exitCode = await codeOf(async () => {
  const options = readBulletinOptions(process.argv.slice(2), process.env);
  process.stdout.write(options === undefined ? HELP : await issue(options));
  return 0;
});

async function issue(options: BulletinOptions): Promise<string> {
  const now = Date.now();
  mustHaveBegun(options.quarter, now);
  const templates = { 10: templateOf(options, 'reminder'), 20: templateOf(options, 'summons') };
  const clickhouse = await openArchive(options);
  try {
    const issued = await issueBulletin(clickhouse, options.quarter, now);
    const letters = lettersOf(issued.figures, templates, issued.issuedAt.slice(0, 10));
    mkdirSync(join(options.out, 'letters'), { recursive: true });
    writeFileSync(join(options.out, 'bulletin.html'), pageOf(issued));
    writeFileSync(join(options.out, 'bulletin.csv'), csvOf(issued.figures));
    writeFileSync(join(options.out, 'bulletin.xlsx'), await xlsxOf(issued.figures));
    for (const { name, text } of letters) writeFileSync(join(options.out, 'letters', `${name}.md`), text);
    const { year, quarter, rows, asOf, complete } = issued.figures;
    const tiers = [10, 20].map((tier) => `${rows.filter((row) => row.tier === tier).length} in tier ${tier}`);
    return [
      `${year}Q${quarter}, revision ${issued.revision}, ${issued.fresh ? 'issued now' : `as issued ${issued.issuedAt}, nothing has changed`}`,
      ...(complete ? [] : [`the quarter is under way: figures as of ${asOf}, the final bulletin follows its end`]),
      `${rows.length} institutions, ${tiers.join(', ')}, ${letters.length} letters`,
      ...issued.changes.map((change) => `  ${change}`),
      `written to ${options.out}`,
      '',
    ].join('\n');
  } finally {
    await clickhouse.close();
  }
}

/** @throws Refusal */
function mustHaveBegun({ year, quarter }: Quarter, now: number): void {
  const { first } = quarterDays({ year, quarter });
  if (first > localDay(now))
    throw new Refusal(
      `${year}Q${quarter} begins on ${localDate(first)}: a bulletin is of a quarter that is under way or over.`,
    );
}

function templateOf({ templates }: BulletinOptions, name: string): string {
  const file = join(templates, `${name}.md`);
  if (!existsSync(file)) throw new Refusal(`No template ${file}: expected reminder.md and summons.md in ${templates}`);
  return readFileSync(file, 'utf8');
}
