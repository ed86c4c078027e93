// What calls for attention, and what must not calm: a new first-level alert, numbers not known yet, a list that is empty for want of data.
import { expect, test } from 'vitest';
import { stage, waiting } from './stage.ts';

const on = stage();
const tab = (n: number) => on.page.locator(`[role=tab] >> nth=${n}`);
const [GRAVE, NEXT, MILD] = waiting(3).map((alert, i) => ({
  ...alert,
  level: i === 2 ? (2 as const) : (1 as const),
  fixmedins_code: `P3211200000${i + 1}`,
  title: { zh: `标题${i + 1}`, en: `Title ${i + 1}` },
})) as [ReturnType<typeof waiting>[0], ReturnType<typeof waiting>[0], ReturnType<typeof waiting>[0]];
/** As a log would have it now. */
const now = <T extends object>(alert: T) => ({ ...alert, updated_at: new Date().toISOString() });

/** Counts the tones that the page starts. */
const listen = () =>
  on.page.addInitScript(() => {
    const page = globalThis as unknown as Record<string, { prototype: { start: (at?: number) => void } }> & {
      tones: number;
    };
    page.tones = 0;
    const { prototype } = page.AudioScheduledSourceNode as { prototype: { start: (at?: number) => void } };
    const { start } = prototype;
    prototype.start = function (at) {
      page.tones++;
      start.call(this, at);
    };
  });
const tones = () => on.page.evaluate(() => (globalThis as unknown as { tones: number }).tones);
const untilTones = (n: number) =>
  on.page.waitForFunction((wanted) => (globalThis as unknown as { tones: number }).tones === wanted, n);

test('a new first-level alert is named and lights up; it sounds only where that was switched on', async () => {
  const { page, gateway } = on;
  await listen();
  await on.open();
  await page.locator('.banner.normal').waitFor();
  gateway.append(now(GRAVE));
  await page.locator('.wall.alarm').waitFor();
  await page.locator('.newest').filter({ hasText: '一级' }).filter({ hasText: '标题1' }).waitFor();
  await page.locator('[role=log]').filter({ hasText: '一级: 标题1' }).waitFor({ state: 'attached' });
  expect(await tones()).toBe(0);

  await page.keyboard.press('m');
  await page.locator('.sound.on[aria-pressed=true]').waitFor();
  await untilTones(3);
  gateway.append(now(MILD));
  await tab(0).filter({ hasText: '2' }).waitFor();
  gateway.append(now(NEXT));
  await page.locator('.newest').filter({ hasText: '标题2' }).waitFor();
  await untilTones(6);

  await page.locator('.newest').click();
  await page.locator(`[data-detail="${NEXT.alert_id}"]`).waitFor();
  await page.keyboard.press('a');
  await page.locator('.newest').waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.sound[aria-pressed=true]').waitFor();
});

test('first-level alerts that a new picture brings after a break are one alarm, however long ago they came', async () => {
  const { page, gateway } = on;
  await listen();
  gateway.append(now(GRAVE));
  await on.open();
  await page.locator('.banner.grave').waitFor();
  await page.keyboard.press('m');
  await untilTones(3);
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  gateway.anew(
    { ...GRAVE, updated_at: ago(60) },
    { ...NEXT, updated_at: ago(20) },
    { ...MILD, level: 1, updated_at: ago(30) },
  );
  await page.locator('.newest').filter({ hasText: '标题2' }).waitFor();
  await page.locator('.wall.alarm').waitFor();
  await page.locator('[role=log]').filter({ hasText: '一级: 标题2' }).waitFor({ state: 'attached' });
  await untilTones(6);
  gateway.anew({ ...GRAVE, updated_at: ago(60) }, { ...NEXT, updated_at: ago(20) });
  await tab(0).filter({ hasText: '2' }).waitFor();
  expect([await tones(), await page.locator('[role=log] p').textContent()]).toEqual([
    6,
    expect.stringMatching('标题2'),
  ]);
});

test('a tab in the background tells of the first level, and of what is not up to date', async () => {
  const { page, gateway } = on;
  await on.open();
  const title = (start: string) =>
    expect.poll(() => page.title(), { timeout: 20_000 }).toMatch(new RegExp(`^${start}`));
  await title('云监');
  gateway.append(now(GRAVE), now(NEXT));
  await title('一级 2 条 · 云监');
  await page.context().setOffline(true);
  gateway.dropConnections();
  await title('一级 2 条 · ⚠ 数据不是最新');
});

test('figures that do not come any more are marked as old, and none are not called zero', async () => {
  const { page, gateway } = on;
  on.excuse(/status of 503/);
  gateway.append(now(MILD));
  const away = () => page.route('**/api/kpis', (route) => route.fulfill({ status: 503, body: '{}' }));
  await away();
  await on.open();
  await tab(0).filter({ hasText: '1' }).waitFor();
  expect(await page.locator('.rules .empty').allTextContents()).toEqual(['正在读取…', '正在读取…']);
  await page.unroute('**/api/kpis');
  await page.locator('[data-figure=today]').filter({ hasText: /\d/ }).waitFor();
  await page.locator('.wall:not(.partial)').waitFor();
  await away();
  await page.locator('.wall.partial .periods .as-of').filter({ hasText: '前的数据' }).waitFor({ timeout: 30_000 });
  expect(await page.locator('.banner.open, .list .as-of').count()).toBe(1);
  await page.unroute('**/api/kpis');
  await page.locator('.wall:not(.partial)').waitFor();
});

test('what was there before is no alarm, and who wants less motion sees a frame that does not pulse', async () => {
  const { page, gateway } = on;
  gateway.append(now(GRAVE));
  await on.open();
  await page.locator('.banner.grave').filter({ hasText: '其中一级 1 条' }).waitFor();
  expect(await page.locator('.newest, .wall.alarm').count()).toBe(0);

  const pulse = (name: string) =>
    page.waitForFunction((wanted) => {
      const world = globalThis as unknown as {
        document: { querySelector: (of: string) => object | null };
        getComputedStyle: (of: object) => { animationName: string; outlineStyle: string };
      };
      const banner = world.document.querySelector('.alarm .banner');
      if (banner === null) return false;
      const { animationName, outlineStyle } = world.getComputedStyle(banner);
      return animationName === wanted && outlineStyle === 'solid';
    }, name);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  gateway.append(now(NEXT));
  await pulse('flash');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  gateway.append(now({ ...MILD, level: 1 as const }));
  await pulse('none');
});

test('before anything is known no number is shown, and nothing is said to be empty', async () => {
  const { page } = on;
  await page.routeWebSocket(/\/wall$/, () => {});
  await on.open();
  await page.locator('.banner.stale').waitFor();
  await page.locator('.list .empty').filter({ hasText: '正在读取' }).waitFor();
  expect(await page.locator('.tile-count').allTextContents()).toEqual(['—', '—', '—', '—']);
  expect(await page.locator('.tabs').textContent()).not.toMatch(/\d/);
  expect(await page.locator('main').textContent()).not.toContain('没有');
});

test('an empty list on old data does not say that there is nothing', async () => {
  const { page, gateway } = on;
  await on.open();
  const empty = page.locator('.list .empty');
  await empty.filter({ hasText: '没有待确认的预警' }).waitFor();
  await page.context().setOffline(true);
  gateway.dropConnections();
  await empty.filter({ hasText: '无法确定' }).waitFor();
  await page.context().setOffline(false);
  await empty.filter({ hasText: '没有待确认的预警' }).waitFor({ timeout: 20_000 });
});

test('what waits is said beside what is stale', async () => {
  const { page, gateway } = on;
  gateway.append(now(GRAVE), now(MILD));
  await on.open();
  await tab(0).filter({ hasText: '2' }).waitFor();
  await page.context().setOffline(true);
  gateway.dropConnections();
  await page.locator('.banner.stale').filter({ hasText: '2 条预警待确认,其中一级 1 条' }).waitFor();
});

test('figures of a budget that move make no news, and do not keep a command from being done', async () => {
  const { page, gateway } = on;
  gateway.append(MILD, { ...NEXT, level: 2 });
  await on.open();
  await tab(0).filter({ hasText: '2' }).waitFor();
  const amended = {
    ...MILD,
    version: 2,
    transition: { action: 'amend' as const, by: 'system', reason: 'figures moved on' },
  };
  gateway.append(amended);
  gateway.append({ ...NEXT, level: 1, version: 2, transition: { action: 'amend', by: 'system', reason: 'r' } });
  await page.locator('.activity li').filter({ hasText: '更新' }).waitFor();
  expect(await page.locator('.activity li').count()).toBe(3);

  const { answer } = gateway;
  let conflicts = 0;
  gateway.answer = (command) => {
    if (conflicts++ > 0) return answer(command);
    const alert = { ...amended, version: 3 };
    gateway.append(alert);
    return { idem: command.idem, alert_id: command.alert_id, outcome: 'version_conflict', message: '', alert };
  };
  await page.locator(`[data-alert="${MILD.alert_id}"]`).click();
  await page.keyboard.press('a');
  await tab(1).filter({ hasText: '1' }).waitFor();
  expect(JSON.parse(gateway.world.store.get(MILD.alert_id)!.json)).toMatchObject({
    version: 4,
    state: { acked: true },
  });
});
