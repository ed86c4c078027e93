// What an operator's hands rely on: rows that stay under the pointer, one deed for one press, and a focus that is not lost.
import { expect, test } from 'vitest';
import { cityAlerts } from './city.ts';
import { stage, waiting } from './stage.ts';

const on = stage();
const alerts = waiting(12).map((alert) => ({ ...alert, level: 2 as const }));
const tab = (n: number) => on.page.locator(`[role=tab] >> nth=${n}`);
const focused = (selector: string) => on.page.locator(`${selector}:focus`).waitFor();

test('what comes above does not push another row under the pointer, and is listed when the pointer rests', async () => {
  const { page, gateway } = on;
  gateway.append(...alerts);
  await on.open();
  const row = page.locator('[role=option][aria-posinset="2"]');
  await row.waitFor();
  const aimed = (await row.getAttribute('data-alert'))!;
  const { x, y } = (await row.boundingBox())!;
  await page.mouse.move(x + 150, y + 10);
  const grave = { ...alerts[0]!, alert_id: 'grave:1', level: 1 as const };
  gateway.append(grave);
  const count = page.locator('.tile.level-1 .tile-count');
  for (let n = 0; (await count.textContent()) !== '1'; n++) await page.mouse.move(x + 150 + (n % 20), y + 10);
  await page.mouse.click(x + 150, y + 10);
  await page.locator(`[data-detail="${aimed}"]`).waitFor();
  await page.locator('[aria-posinset="1"][data-alert="grave:1"]').waitFor();
});

test('a key that is held down and a double click do one thing once', async () => {
  const { page, gateway } = on;
  const { answer } = gateway;
  const commands: string[] = [];
  gateway.answer = (command) => {
    commands.push(command.action);
    return answer(command);
  };
  gateway.append(...alerts);
  await on.open();
  await tab(0).filter({ hasText: '12' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.down('a');
  await tab(0).filter({ hasText: '11' }).waitFor();
  await page.keyboard.down('a');
  await page.keyboard.down('a');
  await page.keyboard.up('a');
  await page.keyboard.down('j');
  await page.keyboard.down('j');
  await page.keyboard.up('j');
  await page.locator('.alert.selected[aria-posinset="3"]').waitFor();
  expect(commands).toEqual(['ack']);

  await page.keyboard.press('Enter');
  await page.locator('[data-action=ack]').dblclick({ delay: 100 });
  await page.locator('.detail .state.acked').waitFor();
  await page.locator('[data-action=assign]:not([aria-disabled=true])').click();
  await page.locator('dialog [name=assignee]').fill('王芳');
  await page.locator('dialog button[type=submit]').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  expect(commands).toEqual(['ack', 'ack', 'assign']);
});

test('the focus stays on what was pressed, and goes to the list when that is gone', async () => {
  const { page, gateway } = on;
  gateway.append(...alerts);
  await on.open();
  await page.locator('.alert').first().click();
  await page.locator('[data-action=ack]').focus();
  await page.keyboard.press('Space');
  await page.locator('.detail .state.acked').waitFor();
  await focused('[data-action=unack]');

  await page.locator('[data-action=dispose]').focus();
  await page.keyboard.press('Space');
  await page.locator('dialog [name=reason]').fill('已核实');
  await page.locator('dialog button[type=submit]').click();
  await page.locator('.gone').waitFor();
  await focused('#alerts');
  await page.locator('.detail .close').focus();
  await page.keyboard.press('Space');
  await page.locator('.detail').waitFor({ state: 'detached' });
  await focused('#alerts');
});

test('an alert that opens leaves the rows where they are', async () => {
  const { page, gateway } = on;
  await page.setViewportSize({ width: 1366, height: 768 });
  gateway.append(...cityAlerts(400, Date.now()));
  await on.open('en');
  const first = page.locator('[aria-posinset="1"]');
  await first.waitFor();
  await page.locator('.banner.open').waitFor();
  const before = (await first.boundingBox())!.y;
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.history li').waitFor();
  expect((await first.boundingBox())!.y).toBe(before);
});
