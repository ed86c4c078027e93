// The page in a real browser over the real gateway: what an operator sees and does, by keyboard and by mouse, and when it must not look calm.
import { readFileSync } from 'node:fs';
import { type AlertRecord, ColdPart, isoShanghai } from '@yunjian/contracts';
import { expect, test } from 'vitest';
import { TOKEN } from './gateway.ts';
import { stage, waiting } from './stage.ts';

const on = stage();
const banner = (kind: string) => on.page.locator(`.banner.${kind}`);
const tab = (n: number) => on.page.locator(`[role=tab] >> nth=${n}`);

test('the token leaves the address bar, and thousands of alerts cost a screenful of rows', async () => {
  const { page, gateway } = on;
  gateway.append(...waiting(5000));
  await on.open();
  await tab(0).filter({ hasText: '5,000' }).waitFor();
  expect(page.url()).toBe(`${gateway.url}/`);
  expect(await page.locator('.alert').count()).toBeLessThan(40);
  await page.locator('.scroll').evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await page.locator('[aria-posinset="5000"]').waitFor();
  expect(await page.locator('.alert').count()).toBeLessThan(40);
});

test('an alert that comes is on the screen at once', async () => {
  const { page, gateway } = on;
  const [first, second] = waiting(2);
  gateway.append(first!);
  await on.open();
  await page.locator(`[data-alert="${first!.alert_id}"]`).waitFor();
  gateway.append(second!);
  await page.locator(`[data-alert="${second!.alert_id}"]`).waitFor({ timeout: 2000 });
  await banner('open').filter({ hasText: '2 条预警待确认' }).waitFor();
});

test('acknowledges by keyboard, and disposes by mouse with a reason', async () => {
  const { page, gateway } = on;
  gateway.append(...waiting(12));
  await on.open();
  await tab(0).filter({ hasText: '12' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const id = await page.locator('.alert.selected[aria-posinset="2"]').getAttribute('data-alert');
  await page.keyboard.press('a');
  await tab(0).filter({ hasText: '11' }).waitFor();
  expect(JSON.parse(gateway.world.store.get(id!)!.json)).toMatchObject({
    state: { acked: true },
    transition: { action: 'ack', by: '李明' },
  });

  await page.locator('.alert').first().click();
  await page.locator('.history li').first().waitFor();
  const detail = (await page.locator('[data-detail]').getAttribute('data-detail'))!;
  await page.locator('[data-action=dispose]').click();
  await page.locator('dialog [name=reason]').fill('现场核查属实');
  await page.locator('dialog button[type=submit]').click();
  await tab(3).filter({ hasText: '11' }).waitFor();
  expect(JSON.parse(gateway.world.store.get(detail)!.json)).toMatchObject({
    state: { disposed: true },
    transition: { action: 'dispose', reason: '现场核查属实' },
  });
});

test('the history says to whom an alert went and until when it rested', async () => {
  const { page, gateway } = on;
  const [alert] = waiting(1);
  const step = (version: number, action: 'assign' | 'shelve' | 'unshelve', more: Partial<AlertRecord>) =>
    gateway.append({ ...alert!, version, transition: { action, by: '王芳', reason: '' }, ...more });
  gateway.append(alert!);
  step(2, 'assign', { assignee: '李雷' });
  step(3, 'shelve', {
    state: { ...alert!.state, shelved: true },
    assignee: '李雷',
    shelved_until: '2027-03-01T18:00:00+08:00',
  });
  step(4, 'unshelve', { assignee: '李雷', shelved_until: null });
  await on.open();
  await page.locator('.alert').click();
  await page.locator('.history li.assign').filter({ hasText: '王芳 → 李雷' }).waitFor();
  await page.locator('.history li.shelve').filter({ hasText: '王芳 → 2027-03-01 18:00:00' }).waitFor();
  expect(await page.locator('.history li.unshelve').textContent()).not.toContain('→');
});

test('the quarter’s bulletin is listed, and comes as a file', async () => {
  const { page } = on;
  await on.open();
  await page.getByRole('button', { name: '通报' }).click();
  const row = page.locator('.bulletins tbody tr');
  await row.filter({ hasText: '2026Q3' }).filter({ hasText: '7' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    row.getByRole('button', { name: 'CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('bulletin-2026Q3-r2.csv');
  expect(readFileSync(await download.path(), 'utf8')).toBe('2026Q3 csv 2');
});

test('a command on an old version shows the newer one', async () => {
  const { page, gateway } = on;
  const [alert] = waiting(1);
  gateway.append(alert!);
  await on.open();
  await page.locator('.alert').click();
  gateway.answer = (command) => ({
    idem: command.idem,
    alert_id: command.alert_id,
    outcome: 'version_conflict',
    message: '',
    alert: { ...alert!, version: 7, level: 1, transition: { action: 'escalate', by: '王芳', reason: '' } },
  });
  await page.keyboard.press('a');
  await page.locator('.notice.failed').filter({ hasText: 'v7' }).waitFor();
  await page.locator('.version').filter({ hasText: 'v7' }).waitFor();
});

test('all normal is said only while everything is live and nothing waits', async () => {
  const { page, gateway } = on;
  await on.open();
  await banner('normal').filter({ hasText: '一切正常' }).waitFor();
  const [alert] = waiting(1);
  gateway.append(alert!);
  await banner('open').waitFor();
  gateway.append({ ...alert!, version: 2, state: { raised: false, acked: false, shelved: false, disposed: false } });
  await banner('normal').waitFor();

  const silence = {
    ...alert!,
    alert_id: 'source-silent:trace',
    detector: 'source-silent',
    fixmedins_code: null,
    subject: { kind: 'feed' as const, ref: 'feed/trace' },
    state: { raised: true, acked: true, shelved: false, disposed: false },
    event_time: isoShanghai(Date.now()),
  };
  gateway.append(silence);
  await banner('stale').filter({ hasText: '追溯码' }).waitFor();
  await page.locator('[data-source=trace].stale').waitFor();
  expect(await page.getByText('一切正常').count()).toBe(0);
  gateway.append({ ...silence, version: 2, state: { ...silence.state, raised: false } });
  await banner('normal').waitFor();
});

test('a lost connection greys what is shown, says how old it is, and comes back without being asked', async () => {
  const { page, gateway } = on;
  gateway.append(...waiting(3));
  await on.open();
  await tab(0).filter({ hasText: '3' }).waitFor();
  await page.context().setOffline(true);
  gateway.dropConnections();
  await banner('stale').filter({ hasText: '连接已断开' }).waitFor();
  await page.locator('.wall.old .as-of').first().waitFor();
  await page.locator('[role=option][aria-setsize="3"]').nth(2).waitFor();
  gateway.append(...waiting(1, 99));
  await page.context().setOffline(false);
  await banner('open').filter({ hasText: '4 条预警待确认' }).waitFor({ timeout: 20_000 });
  await page.locator('.wall:not(.old)').waitFor();
});

test('a wrong token leads to the question for one, and the language can be changed', async () => {
  const { page, gateway } = on;
  await page.goto(`${gateway.url}/#token=wrong-token`);
  await page.locator('.login input').fill(TOKEN);
  await page.locator('.login button').click();
  await banner('normal').waitFor();
  await page.keyboard.press('l');
  await banner('normal').filter({ hasText: 'All normal' }).waitFor();
  await page.locator('html[lang=en]').waitFor();
});

test('from an alert to the life of its box, and with a reason to the person’s history', async () => {
  const { page, gateway } = on;
  const [box, person] = ['81234567890123456701', '0123456789abcdefghijkl'];
  const [alert] = waiting(1);
  gateway.append({ ...alert!, subject: { kind: 'code', ref: box }, facts: { person } });
  const of = (n: number) => ({ ...lived(n), institution: 'P32110200017' });
  gateway.histories.set(box, [
    { ...of(1), kind: 'trace', action: 'purchase', item: 'X1', count: 10_000, code: box, batch: null, ...NO_SALE },
    { ...of(2), kind: 'codeSale', code: box, settlementId: 'S1', messageId: null, lines: [{ ...LINE, item: 'X1' }] },
    { ...of(3), kind: 'codeReversed', code: box, settlementId: 'S1', reversalId: 'R1', voided: null },
  ]);
  gateway.histories.set(
    person,
    Array.from({ length: 60 }, (_, n) => ({
      ...of(n),
      kind: 'personStatus',
      person,
      status: 'active',
      effectiveAt: 0,
    })),
  );
  await on.open();
  await page.locator('.alert').click();
  await page.locator('[data-life=box]').click();
  await page.locator('.life li').nth(2).waitFor();
  expect(await page.locator('.life li b').allTextContents()).toEqual(['购进', '销售', '冲销']);
  await page.locator('.life li.undone').filter({ hasText: '已冲销' }).waitFor();
  await page.keyboard.press('Escape');

  await page.locator('[data-life=person]').click();
  await page.locator('dialog [name=reason]').fill('复核 7 号线索');
  await page.locator('dialog button[type=submit]').click();
  await page.locator('.life li').nth(49).waitFor();
  expect(gateway.reveals.map(({ operator, reason }) => [operator, reason])).toEqual([['李明', '复核 7 号线索']]);
  await page.locator('[data-life=more]').click();
  await page.locator('.life li').nth(59).waitFor();
  await page.locator('.life .primary').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
});

const NO_SALE = { settlementId: null, insured: null, split: false, prescriptionDrug: null };
const LINE = { line: '1', count: 10_000, split: false };

/** What every record has, the later the greater its number. */
function lived(n: number) {
  return {
    arrival: 1_795_000_000_000 + n * 60_000,
    origin: { feed: 'trace' as const, partition: 0, offset: n, index: 0 },
    eventTime: 1_795_000_000_000 + n * 60_000,
    document: `document-${String(n).padStart(4, '0')}`,
    content: `content-${n}`,
    cold: ColdPart.of({ eventId: `e${n}`, source: 'test' }),
  };
}
