// What the gateway counts about itself.
export interface WallMetrics {
  sessionStarted(): void;
  /** @param code close code, ours or the client's */
  sessionEnded(code: number): void;
  frameSent(bytes: number): void;
  badRecord(): void;
}
