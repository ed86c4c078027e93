// wall.v1 on the wire: what a client may say, and the frames the gateway answers with. JSON text frames, `t` names the type.
import {
  WALL_CLOSE,
  type WALL_ERROR_CODES,
  WALL_SUBPROTOCOL,
  type WallClientMessage,
  wallClientMessage,
} from '@yunjian/contracts';
import type { GatewayFeed, SourceState } from '../sources/board.ts';

export const SUBPROTOCOL = WALL_SUBPROTOCOL;
export const CLOSE = WALL_CLOSE;

export const clientMessage = wallClientMessage;
export type ClientMessage = WallClientMessage;

/** Machine-readable codes of `err`. */
export type ErrorCode = (typeof WALL_ERROR_CODES)[number];

export type Op = { op: 'put'; alert: Record<string, unknown> } | { op: 'del'; alert_id: string };

/** Frames as a client sees them. */
export type ServerMessage =
  | {
      t: 'welcome';
      session: string;
      ping_ms: number;
      server_time: string;
      operator: string;
      sources: SourceState[];
      gateway: GatewayFeed;
    }
  | { t: 'snap'; id: string; part: number; last: boolean; epoch: string; to: string; alerts: Record<string, unknown>[] }
  | { t: 'delta'; id: string; epoch: string; from: string; to: string; more?: true; ops: Op[] }
  | { t: 'reset'; id: string; reason: string }
  | { t: 'ping'; server_time: string; sources: SourceState[]; gateway: GatewayFeed }
  | { t: 'ack'; id: string; idem?: string; alert?: Record<string, unknown> | null }
  | {
      t: 'err';
      id: string | null;
      code: ErrorCode;
      message: string;
      temporary: boolean;
      alert?: Record<string, unknown> | null;
    }
  | { t: 'bye'; code: number; reconnect_after_ms: number | null };

/** A frame small enough to be built whenever it is needed. */
export function encode(message: Exclude<ServerMessage, { t: 'snap' } | { t: 'delta' }>): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** A part of a snapshot, from alert texts that are JSON already. */
export function encodeSnapshotPart(
  of: { id: string; part: number; last: boolean; epoch: string; to: string },
  alerts: readonly string[],
): Buffer {
  const head = `{"t":"snap","id":${JSON.stringify(of.id)},"part":${of.part},"last":${of.last}`;
  return Buffer.from(`${head},"epoch":${JSON.stringify(of.epoch)},"to":"${of.to}","alerts":[${alerts.join(',')}]}`);
}

/**
 * What every subscriber of a filter shares of a delta: all but its id and where it stood.
 * @param more the step goes on in another frame, without which the picture is none yet
 */
export function deltaTail(epoch: string, to: string, ops: readonly string[], more: boolean): string {
  return `,"epoch":${JSON.stringify(epoch)},"to":"${to}"${more ? ',"more":true' : ''},"ops":[${ops.join(',')}]}`;
}

export function encodeDelta(id: string, from: string, tail: string): Buffer {
  return Buffer.from(`{"t":"delta","id":${JSON.stringify(id)},"from":"${from}"${tail}`);
}

export function putOp(alertJson: string): string {
  return `{"op":"put","alert":${alertJson}}`;
}

export function delOp(alertId: string): string {
  return `{"op":"del","alert_id":${JSON.stringify(alertId)}}`;
}
