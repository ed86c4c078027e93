// A newcomer: `npm start` on an empty data directory, the wall opened in a browser, alerts of all three detectors within two minutes,
// one acknowledged by keyboard and one by mouse.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertRecord } from '@yunjian/contracts';
import type { StackDescription } from '@yunjian/infra/local/stack-file.ts';
import { until } from '@yunjian/infra/local/until.ts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../wall/browser.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'yunjian-newcomer-'));
const SHOWN = ['identity-check-missing', 'quarterly-spend', 'trace-repeated'];
const TWO_MINUTES = 120_000;

let npm: ChildProcess;
let browser: Browser;
let stack: StackDescription;

beforeAll(async () => {
  npm = spawn('npm', ['start', '--', '--data', directory, '--ports', 'auto'], {
    cwd: REPOSITORY,
    detached: true,
    stdio: 'ignore',
  });
  const file = join(directory, 'stack.json');
  await until(
    () => existsSync(file),
    TWO_MINUTES,
    () => 'the stack is not ready',
  );
  stack = JSON.parse(readFileSync(file, 'utf8')) as StackDescription;
  browser = await startBrowser();
}, 150_000);

afterAll(async () => {
  await browser?.close();
  const gone = once(npm, 'exit');
  if (npm.exitCode === null) process.kill(-npm.pid!, 'SIGINT');
  await gone;
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

async function alerts(query: string): Promise<AlertRecord[]> {
  const response = await fetch(`${stack.wall.url}/api/alerts?limit=500&${query}`, {
    headers: { authorization: `Bearer ${stack.wall.token}` },
  });
  return ((await response.json()) as { alerts: AlertRecord[] }).alerts;
}

const acknowledged = async (id: string) => (await alerts('state=acked')).some(({ alert_id }) => alert_id === id);

test('sees alerts of all three detectors within two minutes, and acknowledges by keyboard and by mouse', async () => {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(`${stack.wall.url}/#token=${stack.wall.token}`);
  await until(
    async () => {
      const raised = new Set((await alerts('state=raised')).map(({ detector }) => detector));
      return SHOWN.every((detector) => raised.has(detector));
    },
    TWO_MINUTES,
    () => 'not all three detectors have alerts',
  );
  expect(page.url()).not.toContain('token');

  await page.locator('.alert').first().waitFor();
  await page.keyboard.press('j');
  const byKeyboard = (await page.locator('.alert.selected').getAttribute('data-alert')) as string;
  // One key is enough, unless the alert changes between the look and the key: then the newer version is shown, and one presses again.
  await until(
    async () => {
      if ((await page.locator(`.alert.selected[data-alert="${byKeyboard}"]`).count()) > 0)
        await page.keyboard.press('a');
      return acknowledged(byKeyboard);
    },
    15_000,
    () => 'the keyboard did not acknowledge',
  );

  // The one that was acknowledged leaves the list when the wall hears of it.
  const another = page.locator(`.alert:not([data-alert="${byKeyboard}"])`).first();
  let byMouse = '';
  await until(
    async () => {
      await another.click({ timeout: 2_000 }).catch(() => {});
      byMouse = (await page.locator('[data-detail]').getAttribute('data-detail')) ?? '';
      return byMouse !== '' && byMouse !== byKeyboard;
    },
    15_000,
    () => 'the mouse opened no other alert',
  );
  // An alert may be amended between the look and the click: then the newer version is shown, and one clicks again.
  await until(
    async () => {
      await page
        .locator('[data-action=ack]')
        .click({ timeout: 2_000 })
        .catch(() => {});
      return acknowledged(byMouse);
    },
    30_000,
    () => 'the mouse did not acknowledge',
  );
  expect(byMouse).not.toBe(byKeyboard);
}, 200_000);
