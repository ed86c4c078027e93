// A message that has no place for two texts says both.

/** Chinese first, then English, with " / " between them: a reader may take the half that they want. */
export function said(zh: string, en: string): string {
  return `${zh} / ${en}`;
}
