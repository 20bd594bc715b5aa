/** The envelope on the session socket (docs/session-protocol.md). The only file that knows its field names. */
export interface Problem {
  readonly code: string;
  readonly status?: number;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly detail?: string;
}

export interface ServerSnapshot<View> {
  readonly type: "snapshot";
  readonly seq: number;
  readonly view: View;
}

export interface ServerEvent {
  readonly type: "event";
  readonly seq: number;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ServerPush {
  readonly type: "push";
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ServerReply {
  readonly type: "reply";
  readonly id: string;
  readonly result?: unknown;
  readonly problem?: Problem;
}

export type ServerMessage<View> = ServerSnapshot<View> | ServerEvent | ServerPush | ServerReply;

/** A slot of the media connection, direction as the client sees it. */
export interface Slot {
  readonly mid: string;
  readonly direction: "send" | "recv";
  readonly kind: MediaKind;
  readonly seat_id: string | null;
}

export type MediaKind = "mic" | "camera" | "screen" | "prompt";
export type SendKind = "mic" | "camera" | "screen";

export const SEND_MIDS: Readonly<Record<SendKind, string>> = { mic: "0", camera: "1", screen: "2" };
export const PROMPT_MID = "3";

/** Why the server closed the socket for good; anything else is worth another attempt. */
export const CLOSE_REASONS: Readonly<Record<number, "refused" | "taken_over" | "ended">> = {
  4001: "refused",
  4002: "taken_over",
  4003: "ended",
};
