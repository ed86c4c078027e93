// Robots over real HTTP: what they are sent, and what their answers mean.
import { afterEach, describe, expect, test } from 'vitest';
import { digestOf, messageOf } from '../message.ts';
import { version } from '../testing/alerts.ts';
import { type Answer, startTestRobot } from '../testing/robot.ts';
import { Overrun, Refused } from './port.ts';
import { webhookTransport } from './webhook.ts';

const WALL = 'https://wall.example.gov.cn';
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

async function robot(answer?: (content: string) => Answer) {
  const made = await startTestRobot(answer);
  undo.push(made.close);
  return made;
}

/** As WeCom: text of more than 2,048 bytes is no message. */
const strict = (content: string): Answer =>
  Buffer.byteLength(content) > 2_048
    ? { body: '{"errcode":40058,"errmsg":"text.content exceed max length 2048"}' }
    : {};

const notices = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'raised' as const,
    alert: version(`identity-check-missing:${'x'.repeat(20)}${i}`, 1, 'raise', { level: i === count - 1 ? 1 : 2 }),
  }));

describe('the room of a robot', () => {
  test('a digest lists the gravest, as many as fit, and says how many more there are', async () => {
    const { url, contents } = await robot(strict);
    const wecom = webhookTransport(url, 'wecom');
    for (const count of [2, 6, 12, 300]) await wecom.send(digestOf(notices(count), WALL, wecom.room), []);
    expect(contents).toHaveLength(4);
    const [, , , last] = contents as [string, string, string, string];
    const listed = last.split('\n').filter((line) => line.startsWith('- 新预警'));
    expect(listed.length).toBeGreaterThanOrEqual(3);
    expect(listed[0]).toMatch(/一级\(红\).*x299$/);
    expect(last).toContain(`另有 ${300 - listed.length} 条,见 ${WALL}`);
    expect(last).toContain(`and ${300 - listed.length} more, see ${WALL}`);
  });

  test('what does not fit by itself is cut at the border of a character', async () => {
    const { url, contents } = await robot(strict);
    const alert = version('a', 1, 'raise', { title: { zh: '长'.repeat(900), en: 'long' } });
    await webhookTransport(url, 'wecom').send(messageOf({ kind: 'raised', alert }, WALL), []);
    expect(contents[0]).toMatch(/长…$/);
    expect(Buffer.byteLength(contents[0] as string)).toBeLessThanOrEqual(2_000);
  });

  test('where there is room fifty are listed', () => {
    const { text } = digestOf(notices(60), WALL, webhookTransport('http://127.0.0.1:9', 'dingtalk').room);
    expect(text.split('\n').filter((line) => line.startsWith('- 新预警'))).toHaveLength(50);
  });
});

describe('an answer', () => {
  const message = messageOf({ kind: 'raised', alert: version('a', 1, 'raise') }, WALL);
  const sent = async (answer: Answer): Promise<unknown> => {
    const { url } = await robot(() => answer);
    return webhookTransport(url, 'wecom')
      .send(message, [])
      .catch((error: unknown) => error);
  };

  test.each([
    { body: '{"errcode":-1,"errmsg":"system busy"}' },
    { body: '{"errcode":93000,"errmsg":"invalid webhook url"}' },
    { body: '{"errcode":310000,"errmsg":"keywords not in content"}' },
    { body: '{"errcode":123456789}' },
    { body: '<html>sign in</html>' },
    ...[401, 403, 404, 408, 410, 500, 502, 503].map((status) => ({ status })),
  ])('%j passes: nobody is given up', async (answer) => {
    const error = await sent(answer);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Refused);
  });

  test.each([
    { body: '{"errcode":40058,"errmsg":"invalid Request Parameter"}' },
    { body: '{"errcode":460101,"errmsg":"message too long"}' },
    { body: '{"code":19002,"msg":"params error"}' },
    ...[400, 413, 422].map((status) => ({ status })),
  ])('%j is about this message', async (answer) => {
    expect(await sent(answer)).toBeInstanceOf(Refused);
  });

  test.each([
    [{ body: '{"errcode":45009,"errmsg":"api freq out of limit"}' }, 600_000],
    [{ body: '{"errcode":410100}' }, 600_000],
    [{ status: 429 }, 600_000],
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
  ])('%j asks for quiet', async (answer, waitMs) => {
    const error = await sent(answer as Answer);
    expect(error).toBeInstanceOf(Overrun);
    expect((error as Overrun).waitMs).toBe(waitMs);
  });

  test('none at all passes too, and its reason does not name the address', async () => {
    const { url, close } = await startTestRobot();
    await close();
    const error = webhookTransport(`${url}?key=secret`, 'wecom').send(message, []);
    await expect(error).rejects.toThrow(/^the robot does not answer: ECONNREFUSED$/);
  });
});
