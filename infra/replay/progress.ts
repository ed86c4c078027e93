// A progress bar on a terminal, a line now and then elsewhere.

const WIDTH = 30;
const LINE_EVERY_MS = 5_000;

export function createProgressBar(
  total: number,
  what: string,
): { show(done: number, note: string): void; end(): void } {
  let last = Number.NEGATIVE_INFINITY;
  const terminal = process.stdout.isTTY === true;
  return {
    show: (done, note) => {
      const share = total === 0 ? 1 : done / total;
      if (terminal) {
        const filled = Math.round(share * WIDTH);
        process.stdout.write(
          `\r  ${what} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${total} ${note}\u001b[K`,
        );
      } else if (performance.now() - last > LINE_EVERY_MS || done === total) {
        last = performance.now();
        process.stdout.write(`  ${what} ${done}/${total} (${Math.round(share * 100)} %) ${note}\n`);
      }
    },
    end: () => {
      if (terminal) process.stdout.write('\n');
    },
  };
}
