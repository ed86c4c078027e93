// What an alert says can be read: in the reader's language, by names, whole, on every screen that it is looked at on.
import { isoShanghai } from '@yunjian/contracts';
import { expect, test } from 'vitest';
import { stage, waiting } from './stage.ts';

const on = stage();
/** A larger screen shows the same, larger: sizes follow its width. */
const SCREENS = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
  { width: 390, height: 844 },
];
const WITHIN_MS = 30_000;
const [plain] = waiting(1);
const alert = {
  ...plain!,
  alert_id: 'card-cluster:1',
  detector: 'card-cluster',
  level: 2 as const,
  fixmedins_code: 'H32112000001',
  subject: { kind: 'institution' as const, ref: 'H32112000001/2026-11-30' },
  event_time: isoShanghai(Date.now()),
  amount: '214461472.55',
  title: { zh: '季度支出超序时进度 20%', en: 'Quarterly spending more than 20 % ahead of schedule' },
  facts: {
    groups: [],
    under: null,
    institutions: ['P32112000001', 'P32112000002'],
    camera_state: [{ device: '32118100051320001541', cause: 'gap', from: isoShanghai(Date.now()), to: null }],
    forecast: { pace_per_day: '2029907.44', quarter_end_spend: '186932984.45' },
    med_type: '21',
    clusters: [
      {
        from: '2026-11-30T08:22:00+08:00',
        to: '2026-11-30T08:27:00+08:00',
        terminal: '00155-T1',
        persons: 3,
        persons_seen: 1,
        fund: '52.50',
        settlements: ['2026113015416006', '2026113015416007', '2026113015416008'],
      },
    ],
  },
  evidence: [
    { kind: 'rule' as const, ref: 'card-cluster' },
    { kind: 'rule' as const, of: 'budget' as const, ref: 'H32112000001/2026Q4/xSQLmbx5BNgGLbD2OxvK-Y' },
  ],
  transition: { action: 'raise' as const, by: 'system', reason: 'several cards were settled together' },
};

test('facts, reasons and references are in the reader’s language, by names', async () => {
  const { page, gateway } = on;
  gateway.append(alert);
  await on.open();
  await page.locator('.alert').click();
  await page.locator('.history li').filter({ hasText: '多张卡集中结算' }).waitFor();
  await page
    .locator('.facts')
    .filter({ hasText: '百姓缘大药房京口第1店 (P32112000001)、存仁堂药店润州第2店' })
    .waitFor();
  const text = (await page.locator('.detail').textContent()) as string;
  for (const said of ['数据间断', '日均支出 ¥2,029,907.44', '住院', '京口人民医院 · 2026Q4', '短时多卡 · card-cluster'])
    expect(text).toContain(said);
  expect(text).not.toMatch(/\bgap\b|several cards|groups|固定人群/);

  await page.keyboard.press('l');
  await page
    .locator('.facts')
    .filter({ hasText: 'a gap in its records' })
    .or(page.locator('.fact-table', { hasText: 'a gap in its records' }))
    .first()
    .waitFor();
  const english = (await page.locator('.detail').textContent()) as string;
  expect(english).toContain('several cards were settled together');
  expect(english.replaceAll(/[(（]?[PH]\d{11}[)）]?/g, '')).not.toMatch(/结算|数据|日均|住院/);
});

test('names that the archive could not give at first are asked for again', async () => {
  const { page, gateway } = on;
  gateway.append(alert);
  let asked = 0;
  await page.route('**/api/institutions', (route) =>
    asked++ === 0 ? route.fulfill({ contentType: 'application/json', body: '{}' }) : route.continue(),
  );
  await on.open();
  const place = page.locator('.alert .place');
  await place.filter({ hasText: 'H32112000001' }).waitFor();
  await place.filter({ hasText: '京口人民医院' }).waitFor();
});

test.each(['zh', 'en'] as const)('nothing is cut off at a side, on any screen (%s)', async (language) => {
  const { page, gateway } = on;
  gateway.append(...waiting(60), alert);
  await on.open(language);
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    await page.locator('[role=tab] >> nth=0').filter({ hasText: '61' }).waitFor();
    const selector =
      '.alert .title strong, .alert .amount, .alert .when, .badge, .tile, .tile-name, .tabs button, .source, .tools button, .periods td, .rule-count, .district-name, .district-levels button';
    await expect.poll(() => outside(selector, '.wall'), { message: `${screen.width}`, timeout: WITHIN_MS }).toEqual([]);
    await page.locator('[type=search]').fill('card-cluster:1');
    await page.locator('[data-alert="card-cluster:1"]').click();
    await page.locator('.measures li').first().waitFor();
    const inDetail = '.measures li, .facts dd, .lines dd, .fact-table, .detail-actions button, .evidence .ref';
    await expect
      .poll(() => outside(inDetail, '.detail'), { message: `detail at ${screen.width}`, timeout: WITHIN_MS })
      .toEqual([]);
    await page.locator('.detail .close').click();
    await page.locator('[type=search]').fill('');
  }
});

/** Texts of the elements that end outside the frame or hold more than they show, at the side. */
function outside(selector: string, frame: string): Promise<string[]> {
  return on.page.locator(frame).evaluate((element, of) => {
    const { right } = element.getBoundingClientRect();
    return [...element.querySelectorAll(of)]
      .filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width > 0 && (box.right > right + 1 || each.scrollWidth > each.clientWidth + 1);
      })
      .map((each) => `${each.className}: ${each.textContent}`);
  }, selector);
}

test('on a phone what waits comes first, and an alert fills the screen until it is closed', async () => {
  const { page, gateway } = on;
  await page.setViewportSize({ width: 390, height: 844 });
  gateway.append(...waiting(40));
  await on.open();
  const row = page.locator('.alert').first();
  await row.waitFor();
  const top = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? Number.NaN;
  expect(await top('.list')).toBeLessThan(await top('.periods'));
  expect(await top('.list')).toBeLessThan(844);

  await row.click();
  await expect
    .poll(() => page.locator('.detail').boundingBox(), { timeout: WITHIN_MS })
    .toEqual({ x: 0, y: 0, width: 390, height: 844 });
  await page.locator('[data-action=ack]').click();
  await page.locator('.detail .state').filter({ hasText: '已确认' }).waitFor();
  await page.locator('.detail .close').click();
  await page.locator('.detail').waitFor({ state: 'detached' });
  await page.locator('[role=tab] >> nth=1').filter({ hasText: '1' }).waitFor();
});

test('districts by level: a number chosen lists its alerts', async () => {
  const { page, gateway } = on;
  const placed = waiting(5).map((each, i) => ({
    ...each,
    level: (i < 3 ? 2 : 3) as 2 | 3,
    grid: ['镇江市', i < 4 ? '丹阳市' : '京口区', '云阳街道', `网格0${i}`],
  }));
  gateway.append(...placed);
  await on.open();
  await page.getByRole('button', { name: '丹阳市, 二级: 3' }).click();
  await page.locator('[role=option][aria-setsize="3"]').nth(2).waitFor();
  await page.locator('.chips').filter({ hasText: '二级' }).filter({ hasText: '丹阳市' }).waitFor();
  await page.getByRole('button', { name: '丹阳市, 二级: 3' }).click();
  await page.locator('[role=option][aria-setsize="5"]').nth(4).waitFor();
});

test('every key that the help names does what it says, and a dialog gives the focus back', async () => {
  const { page, gateway } = on;
  gateway.append(...waiting(30), alert);
  await on.open();
  await page.locator('.alert').first().waitFor();
  await page.locator('.tools button').last().focus();
  await page.keyboard.press('?');
  const keys = await page.locator('dialog kbd').allTextContents();
  expect(keys).toEqual(expect.arrayContaining(['u', 'b', 'm', 'PgUp PgDn']));
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('.tools button:focus').waitFor();

  await page.keyboard.press('b');
  await page.locator('dialog .bulletins tbody tr').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('[data-alert="card-cluster:1"]').click();
  await page.locator('.meaning').waitFor();
  await page.keyboard.press('PageDown');
  await expect
    .poll(() => page.locator('.detail-body').evaluate((body) => body.scrollTop), { timeout: WITHIN_MS })
    .toBeGreaterThan(0);
  await page.keyboard.press('a');
  await page.locator('.detail .state.acked').waitFor();
  await page.keyboard.press('u');
  await page.locator('.detail .state.open').waitFor();
});

test('an archive that is away is said where something was asked of it', async () => {
  const { page, gateway } = on;
  gateway.append({ ...alert, subject: { kind: 'code', ref: '81234567890123456701' } });
  on.excuse(/status of 503/);
  const away = (path: string) => page.route(path, (route) => route.fulfill({ status: 503, body: '{}' }));
  await away('**/api/alerts/**');
  await away('**/api/trace/**');
  await away('**/api/bulletins');
  await on.open();
  await page.locator('.alert').click();
  await page.locator('.history [role=alert]').filter({ hasText: '暂时无法读取' }).waitFor();
  await page.locator('[data-life=box]').click();
  await page.locator('dialog [role=alert]').filter({ hasText: '暂时无法读取' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('b');
  await page.locator('dialog [role=alert]').filter({ hasText: '暂时无法读取' }).waitFor();
});
