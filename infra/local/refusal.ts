// A start that cannot go on, said to a person in one sentence without a stack trace.

/** The message is the whole of what is printed: what is in the way and how to remove it. */
export class Refusal extends Error {}
