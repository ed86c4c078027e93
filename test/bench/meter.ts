// What a stretch of work cost: CPU by process of the stack, of the load, and of everybody else on the machine.
import { machineSeconds } from './figures.ts';
import type { BenchStack } from './stack.ts';

export interface Cost {
  seconds: number;
  /** CPU seconds by process of the stack; `load` is what sent and watched. */
  cpu: Record<string, number>;
  /** Cores that were busy with something else meanwhile: above a few hundredths the figures are worse than the machine's best. */
  othersCores: number;
}

/** Begins now; the answer is called at the end. */
export function meter(stack: BenchStack): () => Cost {
  const [begun, before, machine, own] = [performance.now(), stack.cpu(), machineSeconds(), process.cpuUsage()];
  return () => {
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(own);
    const cpu = Object.fromEntries(
      Object.entries(stack.cpu()).map(([name, used]) => [name, used - (before[name] ?? 0)]),
    );
    cpu.load = (user + system) / 1_000_000;
    const all = Object.values(cpu).reduce((sum, used) => sum + used, 0);
    return { seconds, cpu, othersCores: Math.max(0, (machineSeconds() - machine - all) / seconds) };
  };
}
