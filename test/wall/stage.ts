// A page over a gateway in memory for each test of a file, in a browser of the file's own; errors that the page wrote fail the test.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startBrowser } from './browser.ts';
import { cityAlerts } from './city.ts';
import { type MemoryGateway, startGateway, TOKEN } from './gateway.ts';

/** What the browser itself writes when a test takes the network away. */
const ABSENT_NETWORK = /WebSocket connection|net::ERR_(INTERNET_DISCONNECTED|CONNECTION|EMPTY_RESPONSE|SOCKET|NETWORK)/;

export interface Stage {
  readonly gateway: MemoryGateway;
  readonly page: Page;
  /** Opens the page as an operator does; in Chinese, unless told. @param host `wall.example`: as from another machine */
  open(language?: 'zh' | 'en', host?: '127.0.0.1' | 'wall.example'): Promise<void>;
  /** From now on this test's page may write what matches. */
  excuse(problem: RegExp): void;
}

/** Registers what a file of tests needs before and after each of them. */
export function stage(viewport = { width: 1920, height: 1080 }): Stage {
  let browser: Browser;
  let gateway: MemoryGateway;
  let page: Page;
  let marking: NodeJS.Timeout;
  let problems: string[];
  let excused: RegExp[];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    gateway = await startGateway({ pingMs: 1_000 });
    gateway.mark(Date.now());
    marking = setInterval(() => gateway.mark(Date.now()), 500);
    problems = [];
    excused = [ABSENT_NETWORK];
    page = await browser.newPage({ viewport });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  });
  afterEach(async () => {
    clearInterval(marking);
    await page.close();
    await gateway.close();
    expect(problems.filter((problem) => !excused.some((each) => each.test(problem)))).toEqual([]);
  });

  return {
    get gateway() {
      return gateway;
    },
    get page() {
      return page;
    },
    excuse: (problem) => void excused.push(problem),
    async open(language = 'zh', host = '127.0.0.1') {
      await page.addInitScript((kept) => localStorage.setItem('yunjian.language', kept), language);
      await page.goto(`${gateway.url.replace('127.0.0.1', host)}/#token=${TOKEN}`);
    },
  };
}

/** Alerts that all wait for somebody. */
export const waiting = (count: number, seed?: number) =>
  cityAlerts(count, Date.now(), seed).map((alert) => ({
    ...alert,
    state: { raised: true, acked: false, shelved: false, disposed: false },
  }));
