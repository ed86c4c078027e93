// Process: a picture of a running stack's wall for the README: `node test/wall/picture.process.ts DATA_DIR FILE.png`. CJK fonts must be installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBrowser } from './browser.ts';

const [data, file] = process.argv.slice(2);
if (data === undefined || file === undefined)
  throw new Error('expected the data directory of a running stack, and a file');
const { wall } = JSON.parse(readFileSync(join(data, 'stack.json'), 'utf8')) as { wall: { url: string; token: string } };
const browser = await startBrowser();
const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
await page.goto(`${wall.url}/#token=${wall.token}`);
await page.waitForSelector('[data-alert-id], [role="option"], [role="row"]');
await page.keyboard.press('j');
await page.keyboard.press('Enter');
await page.waitForTimeout(1500);
await page.screenshot({ path: file });
await browser.close();
