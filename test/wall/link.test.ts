// The link of a notification: it opens its alert, whatever the page shows and whether or not somebody has to log in first.
import { expect, test } from 'vitest';
import { TOKEN } from './gateway.ts';
import { stage, waiting } from './stage.ts';

const on = stage();
const [first, second, withdrawn] = waiting(3) as [Alert, Alert, Alert];
type Alert = ReturnType<typeof waiting>[number];
const linkTo = (id: string) => `${on.gateway.url}/#alert=${encodeURIComponent(id)}`;
const detail = (alert: Alert) => on.page.locator(`[data-detail="${alert.alert_id}"]`);
/** A link clicked in the tab in which the wall is open. */
const follow = (fragment: string) =>
  on.page.evaluate((hash) => {
    (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
  }, fragment);
const address = (url: string) => expect.poll(() => on.page.url(), { timeout: 30_000 }).toBe(url);

test('opens the alert after a login, and with a token beside it', async () => {
  const { page, gateway } = on;
  gateway.append(first, second);
  await page.goto(linkTo(second.alert_id));
  await page.locator('.login input').fill(TOKEN);
  await page.locator('.login button').click();
  await detail(second).waitFor();
  await page.locator(`.alert.selected[data-alert="${second.alert_id}"]`).waitFor();
  await address(`${gateway.url}/`);

  await page.goto('about:blank');
  await page.goto(`${gateway.url}/#token=${TOKEN}&alert=${encodeURIComponent(first.alert_id)}`);
  await detail(first).waitFor();
  await address(`${gateway.url}/`);
});

test('in an open page a link opens what is filtered away and what has left the board, again when it was closed', async () => {
  const { page, gateway } = on;
  gateway.append({ ...first, level: 1 }, { ...second, level: 2 }, withdrawn, {
    ...withdrawn,
    version: 2,
    state: { raised: false, acked: false, shelved: false, disposed: false },
  });
  await on.open();
  await page.locator('[role=option][aria-setsize="2"]').first().waitFor();
  await page.keyboard.press('1');
  await page.locator('[role=option][aria-setsize="1"]').waitFor();
  await follow(`alert=${encodeURIComponent(second.alert_id)}`);
  await detail(second).waitFor();
  await page.keyboard.press('Escape');
  await detail(second).waitFor({ state: 'detached' });
  await follow(`alert=${encodeURIComponent(second.alert_id)}`);
  await detail(second).waitFor();

  await follow(`alert=${encodeURIComponent(withdrawn.alert_id)}`);
  await detail(withdrawn).locator('.gone').waitFor();
  await detail(withdrawn).locator('.state.withdrawn').waitFor();
});

test('what left the board while it was open is shown as it last was', async () => {
  const { page, gateway } = on;
  gateway.append(first);
  await page.goto(`${gateway.url}/#token=${TOKEN}&alert=${encodeURIComponent(first.alert_id)}`);
  await detail(first).locator('.state.open').waitFor();
  gateway.append({ ...first, version: 5, state: { ...first.state, disposed: true }, disposal: 'unfounded' });
  await detail(first).locator('.gone').waitFor();
  await detail(first).locator('.state.disposed').waitFor();
  await detail(first).locator('.lines').filter({ hasText: '不属实' }).waitFor();
});

test('what left the board between its reading by the link and the first picture is shown as it now stands', async () => {
  const { page, gateway } = on;
  gateway.append(first);
  const { promise: pictured, resolve: showPicture } = Promise.withResolvers<void>();
  await page.routeWebSocket(/./, (socket) => {
    const wall = socket.connectToServer();
    socket.onMessage((said) => void pictured.then(() => wall.send(said)));
  });
  await page.goto(`${gateway.url}/#token=${TOKEN}&alert=${encodeURIComponent(first.alert_id)}`);
  await detail(first).locator('.state.open').waitFor();
  gateway.append({ ...first, version: 2, state: { ...first.state, disposed: true }, disposal: 'unfounded' });
  showPicture();
  await detail(first).locator('.gone').waitFor();
  await detail(first).locator('.state.disposed').waitFor();
});

test('an alert that does not exist is said not to, and one that cannot be read now is read when it can', async () => {
  const { page, gateway } = on;
  on.excuse(/status of (404|503)/);
  gateway.append(first);
  await on.open();
  await follow('alert=never-heard-of');
  await page.locator('.absent [role=alert]').filter({ hasText: '没有这条预警' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.absent').waitFor({ state: 'detached' });

  gateway.append({ ...first, version: 2, state: { ...first.state, disposed: true } });
  await page.locator('.list .empty').waitFor();
  await page.route('**/api/alerts/**', (route) => route.fulfill({ status: 503, body: '{}' }));
  await follow(`alert=${encodeURIComponent(first.alert_id)}`);
  await page.locator('.absent [role=alert]').filter({ hasText: '正在重试' }).waitFor();
  await page.unroute('**/api/alerts/**');
  await detail(first).locator('.state.disposed').waitFor();
});

test('a token in a link that is followed in an open page leaves the address bar too', async () => {
  const { page, gateway } = on;
  gateway.append(first);
  await on.open();
  await page.locator('.alert').waitFor();
  await follow(`token=${TOKEN}&alert=${encodeURIComponent(first.alert_id)}`);
  await detail(first).waitFor();
  await address(`${gateway.url}/`);
});
