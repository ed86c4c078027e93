// What the address says behind its `#`, which never leaves the browser: the operator's token, gone from the address bar at once, and an alert to open.

const KEPT_AS = 'yunjian.token';

/** Token of `#token=…`, else the one kept for this tab, else null. */
export function takeToken(): string | null {
  const fragment = fragmentNow();
  const given = fragment.get('token');
  if (given !== null) leave(fragment, 'token');
  if (given !== null && given !== '') keepToken(given);
  return sessionStorage.getItem(KEPT_AS);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

export function dropToken(): void {
  sessionStorage.removeItem(KEPT_AS);
}

/** Alert of `#alert=…`, as a notification's link names it; null when the address names none. */
export function namedAlert(): string | null {
  return fragmentNow().get('alert') || null;
}

/** The alert that was named is open, or no longer wanted: the same link opens it again. */
export function dropNamedAlert(): void {
  const fragment = fragmentNow();
  if (fragment.has('alert')) leave(fragment, 'alert');
}

function fragmentNow(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

function leave(fragment: URLSearchParams, name: string): void {
  fragment.delete(name);
  const rest = fragment.size === 0 ? '' : `#${fragment}`;
  history.replaceState(null, '', location.pathname + location.search + rest);
}
