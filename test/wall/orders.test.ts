// An operator's commands: over plain http too, for the version that was looked at, and with words for what became of them.
import type { Command } from '@yunjian/contracts';
import { expect, test } from 'vitest';
import { stage, waiting } from './stage.ts';

const on = stage();
const [alert] = waiting(1).map((each) => ({
  ...each,
  level: 2 as const,
  title: { zh: '标题', en: 'Title' },
})) as [ReturnType<typeof waiting>[number]];
const dialog = (selector: string) => on.page.locator(`dialog ${selector}`);
const failed = (text: string) => on.page.locator('.notice.failed').filter({ hasText: text });
const WALL_ANSWERS_WITHIN_MS = 20_000;

/** Every command that reaches the wall from now on. */
function overheard(): Command[] {
  const { gateway } = on;
  const { answer } = gateway;
  const commands: Command[] = [];
  gateway.answer = (command) => {
    commands.push(command);
    return answer(command);
  };
  return commands;
}

/** Opens the alert, and the dialog in which it is disposed of. */
async function dispose(): Promise<void> {
  await on.open();
  await on.page.locator('.alert').click();
  await on.page.locator('[data-action=dispose]').click();
  await dialog('[name=reason]').fill('已核实');
}

test('over plain http from another machine an action is done, and the buttons work again', async () => {
  const { page, gateway } = on;
  on.excuse(/Cross-Origin-Opener-Policy header has been ignored/);
  gateway.append(alert);
  await on.open('zh', 'wall.example');
  await page.locator('.alert').click();
  expect(await page.evaluate(() => (globalThis as unknown as { isSecureContext: boolean }).isSecureContext)).toBe(
    false,
  );
  await page.locator('[data-action=ack]').click();
  await page.locator('.detail .state.acked').waitFor();
  await page.locator('[data-action=unack]:not([aria-disabled=true])').click();
  await page.locator('.detail .state.open').waitFor();
});

test('a decision is for the version that was looked at: what changed meanwhile is said, and looked at first', async () => {
  const { gateway } = on;
  const commands = overheard();
  gateway.append(alert);
  await dispose();
  await dialog('.about').filter({ hasText: '二级' }).filter({ hasText: '标题' }).waitFor();
  gateway.append({ ...alert, version: 2, level: 1, transition: { action: 'amend', by: 'system', reason: 'r' } });
  gateway.append({
    ...alert,
    version: 3,
    level: 1,
    assignee: '王芳',
    transition: { action: 'assign', by: '王芳', reason: '由我核查' },
  });
  const moved = dialog('.moved');
  await moved.filter({ hasText: 'v3' }).waitFor();
  for (const told of ['级别: 二级 → 一级', '负责人: — → 王芳', '王芳 · 指派 · 由我核查'])
    expect(await moved.textContent()).toContain(told);
  await dialog('button[type=submit]').click();
  await dialog('[name=looked]:invalid:focus').waitFor();
  expect(commands).toEqual([]);

  await dialog('[name=looked]').check();
  gateway.append({ ...alert, version: 4, level: 1, transition: { action: 'comment', by: '王芳', reason: '请勿处置' } });
  await moved.filter({ hasText: '请勿处置' }).waitFor();
  await dialog('[name=looked]:not(:checked)').check();
  expect(await dialog('[name=reason]').inputValue()).toBe('已核实');
  await dialog('button[type=submit]').click();
  await dialog('').waitFor({ state: 'detached' });
  expect(commands.map(({ action, if_version }) => [action, if_version])).toEqual([['dispose', 4]]);
});

test('when the alert moves on in the same moment, the dialog stays with what was written, for a second look', async () => {
  const { gateway } = on;
  gateway.append(alert);
  await dispose();
  const { answer } = gateway;
  const commands: Command[] = [];
  const shelved = {
    ...alert,
    version: 2,
    state: { ...alert.state, shelved: true },
    transition: { action: 'shelve' as const, by: '王芳', reason: '等待复核' },
  };
  gateway.answer = (command) => {
    commands.push(command);
    if (commands.length > 1) return answer(command);
    gateway.append(shelved);
    return {
      idem: command.idem,
      alert_id: command.alert_id,
      outcome: 'version_conflict',
      message: '',
      alert: shelved,
    };
  };
  await dialog('button[type=submit]').click();
  await dialog('.moved').filter({ hasText: '状态: 待确认 → 已搁置' }).filter({ hasText: '王芳' }).waitFor();
  expect(await dialog('[name=reason]').inputValue()).toBe('已核实');
  await dialog('[name=looked]').check();
  await dialog('button[type=submit]').click();
  await dialog('').waitFor({ state: 'detached' });
  expect(commands.map(({ if_version }) => if_version)).toEqual([1, 2]);
});

test('figures that move while a decision is written ask for nothing', async () => {
  const { page, gateway } = on;
  const commands = overheard();
  gateway.append(alert);
  await dispose();
  gateway.append({
    ...alert,
    version: 2,
    amount: '77.00',
    transition: { action: 'amend', by: 'system', reason: 'figures moved on' },
  });
  await page.locator('.big-amount').filter({ hasText: '77.00' }).waitFor();
  expect(await dialog('.moved').count()).toBe(0);
  await dialog('button[type=submit]').click();
  await dialog('').waitFor({ state: 'detached' });
  expect(commands.map(({ if_version }) => if_version)).toEqual([2]);
});

test('without an answer it says in the reader’s language that the outcome is unknown; given again it keeps its name', async () => {
  const { page, gateway } = on;
  gateway.append(alert);
  const idems: string[] = [];
  gateway.answer = ({ idem }) => {
    idems.push(idem);
    return null;
  };
  await on.open();
  await page.locator('.alert').click();
  await page.keyboard.press('a');
  await failed('结果未知').waitFor({ timeout: WALL_ANSWERS_WITHIN_MS });
  expect(await page.locator('.notice').textContent()).not.toMatch(/[a-z]/i);
  await page.keyboard.press('a');
  await expect.poll(() => idems.length, { timeout: WALL_ANSWERS_WITHIN_MS }).toBe(2);
  expect(new Set(idems).size).toBe(1);
  gateway.dropConnections();
  await failed('连接中断').waitFor();
  expect(await page.locator('.notice').textContent()).not.toMatch(/[a-z]/i);

  await page.context().setOffline(true);
  gateway.dropConnections();
  await page.locator('.banner.stale').filter({ hasText: '连接已断开' }).waitFor();
  await page.keyboard.press('a');
  await failed('没有发出').waitFor();
  await page.keyboard.press('l');
  await page.keyboard.press('a');
  await failed('nothing was sent').waitFor();
});

test('a decision that alerting refuses stays open with its words', async () => {
  const { gateway } = on;
  gateway.append(alert);
  await dispose();
  gateway.answer = ({ idem, alert_id }) => ({
    idem,
    alert_id,
    outcome: 'refused',
    message: '不可处置 / not to be disposed of',
    alert: null,
  });
  await dialog('button[type=submit]').click();
  await dialog('[role=alert]').filter({ hasText: '操作未完成: 不可处置' }).waitFor();
  expect(await dialog('[role=alert]').textContent()).not.toContain('disposed');
  expect(await dialog('[name=reason]').inputValue()).toBe('已核实');
});
