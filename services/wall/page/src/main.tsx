// Starts the page: token, board, socket, figures every few seconds.
import { render } from 'preact';
import { dropToken, keepToken, takeToken } from './address.ts';
import { Board } from './board.ts';
import { WallClient } from './client.ts';
import { wallHttp } from './http.ts';
import { keptLanguage, TEXTS } from './i18n.ts';
import type { SocketLike } from './ports.ts';
import { App } from './ui/app.tsx';
import { Around, NOWHERE } from './ui/context.ts';
import { Login } from './ui/dialog.tsx';

const FIGURES_EVERY_MS = 3000;
const root = document.getElementById('root') as HTMLElement;

function start(token: string): void {
  const board = new Board((run) => setTimeout(run, 50));
  const http = wallHttp(token);
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/wall`;
  const client = new WallClient(
    { url, token, app: 'yunjian-wall' },
    {
      status(status) {
        board.set({ status });
        if (status.phase === 'refused') {
          dropToken();
          login();
        }
      },
      health(value, offset, operator) {
        board.set({ health: { at: Date.now(), value }, offset, ...(operator === null ? {} : { operator }) });
      },
    },
    {
      open: (at, subprotocol) => new WebSocket(at, subprotocol) as SocketLike,
      now: Date.now,
      random: Math.random,
      later: (run, ms) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer as number),
    },
  );
  client.subscribe(
    'board',
    { state: 'active' },
    {
      replace: (alerts) => board.replace(alerts),
      apply: (ops) => board.apply(ops),
    },
  );
  const figures = async () => {
    if (board.status.phase === 'live') {
      const kpis = await http.kpis();
      if (kpis !== null) board.set({ kpis });
    }
    setTimeout(figures, board.kpis === null ? 300 : FIGURES_EVERY_MS);
  };
  client.connect();
  void figures();
  render(<App board={board} client={client} http={http} />, root);
}

function login(): void {
  const language = keptLanguage();
  render(
    <Around.Provider value={{ ...NOWHERE, language, texts: TEXTS[language] }}>
      <Login
        onToken={(token) => {
          keepToken(token);
          location.reload();
        }}
      />
    </Around.Provider>,
    root,
  );
}

const token = takeToken();
addEventListener('hashchange', () => {
  if (takeToken() !== token) location.reload();
});
if (token === null) login();
else start(token);
