// Which subjects a batch judges and where: at records, and where something comes that they waited for.

export class Touched {
  readonly positions = new Map<string, Set<number>>();
  /** Those of them at which something that the subject waited for comes. */
  readonly woken = new Map<string, Set<number>>();

  add(subject: string, position: number, woken = false): void {
    for (const map of woken ? [this.positions, this.woken] : [this.positions]) {
      const known = map.get(subject);
      if (known === undefined) map.set(subject, new Set([position]));
      else known.add(position);
    }
  }
}
