// The operator's token: it comes in the fragment, which never leaves the browser, and is gone from the address bar at once.

const KEPT_AS = 'yunjian.token';

/** Token of `#token=…`, else the one kept for this tab, else null. */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null && given !== '') {
    sessionStorage.setItem(KEPT_AS, given);
    history.replaceState(null, '', location.pathname + location.search);
    return given;
  }
  return sessionStorage.getItem(KEPT_AS);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

export function dropToken(): void {
  sessionStorage.removeItem(KEPT_AS);
}
