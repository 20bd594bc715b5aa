/** The envelope on the session socket (docs/session-protocol.md). The only file that knows its field names. */
export interface Problem {
  readonly code: string
  readonly status?: number
  readonly retryable?: boolean
  readonly params?: Readonly<Record<string, unknown>>
}

/** Something that happened, for toasts and sounds; the view already contains its effect. */
export interface SessionEvent {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly t_ms?: number | null
  readonly data: Readonly<Record<string, unknown>>
}

export interface Update<View> {
  readonly type: 'update'
  readonly seq: number
  readonly events: readonly SessionEvent[]
  readonly view: View
}

export interface Reply {
  readonly type: 'reply'
  readonly id: string
  readonly ok: boolean
  readonly result?: unknown
  readonly problem?: Problem | null
}

export interface Push {
  readonly type: 'push'
  readonly push: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Goodbye {
  readonly type: 'goodbye'
  readonly code: string
  readonly retryable: boolean
}

export type ServerMessage<View> = Update<View> | Reply | Push | Goodbye

export const hello = (ticket: string | null, lastSeq: number): string => JSON.stringify({ type: 'hello', ticket, last_seq: Math.max(0, lastSeq) })

export const command = (id: string, name: string, params: object): string => JSON.stringify({ type: 'command', id, command: name, params })

/** Any answer to it proves that the line lives. */
export const PING = JSON.stringify({ type: 'ping' })

/** A slot of the media connection, direction as the client sees it. */
export interface Slot {
  readonly mid: string
  readonly direction: 'send' | 'recv'
  readonly kind: MediaKind
  readonly seat_id?: string | null
}

export type MediaKind = 'mic' | 'camera' | 'screen' | 'prompt'
export type SendKind = 'mic' | 'camera' | 'screen'

export const SEND_MIDS: Readonly<Record<SendKind, string>> = { mic: '0', camera: '1', screen: '2' }
export const PROMPT_MID = '3'
