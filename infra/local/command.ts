// How a process of the local stack is started.

export interface Command {
  file: string;
  args: string[];
  /** On top of the supervisor's own environment. */
  env: Record<string, string>;
}
