/**
 * The live line to a session: one WebSocket that comes back by itself, keeps the last sequence number, and gives every command
 * exactly one outcome. It decides nothing about the session.
 */
import { Backoff } from './backoff'
import { Emitter } from './emitter'
import { command, hello, PING, type Problem, type Reply, type ServerMessage, type SessionEvent } from './protocol'

export type SocketState = 'idle' | 'connecting' | 'online' | 'offline' | 'closed'
export type ClosedReason = 'taken_over' | 'refused' | 'over' | 'stopped'

export interface SocketEvents<View> {
  state: SocketState
  update: { view: View; events: readonly SessionEvent[]; seq: number }
  push: { push: string; data: Readonly<Record<string, unknown>> }
  /** For good: another tab took the seat, the ticket is not accepted, the session is over, or `stop` was called. */
  closed: { reason: ClosedReason; code: string | null }
}

export interface SessionSocketOptions {
  /** Path of this origin (`/ws/sessions/{id}`) or an absolute `wss:` address. */
  readonly url: string
  /** The seat ticket of a customer; staff have their cookie. Called anew for every connection. */
  readonly ticket?: () => Promise<string | null> | string | null
  readonly commandTimeoutMs?: number
  /** Quiet time after which the line is probed. */
  readonly quietMs?: number
  readonly webSocket?: new (url: string) => WebSocket
  readonly backoff?: Backoff
}

/** A command that the server refused, or that got no answer (`TIMED_OUT`, `OFFLINE`). */
export class CommandError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code)
    this.name = 'CommandError'
  }

  get code(): string {
    return this.problem.code
  }

  get params(): Readonly<Record<string, unknown>> {
    return this.problem.params ?? {}
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: CommandError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

const FINAL: Readonly<Record<string, ClosedReason>> = {
  TAKEN_OVER: 'taken_over',
  TICKET_INVALID: 'refused',
  TICKET_EXPIRED: 'refused',
  SIGN_IN_REQUIRED: 'refused',
  FORBIDDEN: 'refused',
  SESSION_OVER: 'over',
}
const ANSWER_MS = 3000
const OPEN_MS = 6000

export class SessionSocket<View = unknown> extends Emitter<SocketEvents<View>> {
  state: SocketState = 'idle'
  /** What the server said before the line was lost (`SERVER_STOPS`, `TOO_SLOW`); null when it said nothing, and while online. */
  lostBy: string | null = null
  /** Sequence number of the newest view; -1 before the first. */
  seq = -1
  private socket: WebSocket | null = null
  private readonly pending = new Map<string, Pending>()
  private nextId = 1
  private attempt = 0
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private quietTimer: ReturnType<typeof setTimeout> | undefined
  private readonly backoff: Backoff
  private readonly onReturn = (): void => this.reconnectNow()

  constructor(private readonly options: SessionSocketOptions) {
    super()
    this.backoff = options.backoff ?? new Backoff()
  }

  /** Connect, and stay connected until `stop`. After `closed` it may be started again (the person takes the seat back). */
  start(): void {
    if (this.state !== 'idle' && this.state !== 'closed') return
    if (typeof window !== 'undefined') {
      window.addEventListener('online', this.onReturn)
      window.addEventListener('pageshow', this.onReturn)
    }
    this.setState('connecting')
    void this.connect()
  }

  /** Close for good. */
  stop(): void {
    if (this.state !== 'idle') this.finish('stopped', null)
  }

  /** Wait until the line is up. Rejects with `OFFLINE` or, closed for good, `CLOSED`. */
  async ready(timeoutMs = 60_000): Promise<void> {
    if (this.state === 'online') return
    if (this.state === 'closed') throw new CommandError({ code: 'CLOSED' })
    await new Promise<void>((resolve, reject) => {
      const done = (code: string | null): void => {
        clearTimeout(timer)
        stop()
        if (code) reject(new CommandError({ code }))
        else resolve()
      }
      const timer = setTimeout(() => done('OFFLINE'), timeoutMs)
      const stop = this.on('state', (state) => {
        if (state === 'online') done(null)
        if (state === 'closed') done('CLOSED')
      })
    })
  }

  /** Send a command and wait for its reply. Rejects with `CommandError`; it is never sent twice. */
  command<Result = unknown>(name: string, params: object = {}, timeoutMs = this.options.commandTimeoutMs ?? 8000): Promise<Result> {
    const socket = this.socket
    if (this.state !== 'online' || !socket) return Promise.reject(new CommandError({ code: 'OFFLINE', retryable: true }))
    const id = `c${this.nextId++}`
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id)
        reject(new CommandError({ code: 'TIMED_OUT', retryable: true }))
      }, timeoutMs)
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer })
      socket.send(command(id, name, params))
    })
  }

  /** Try at once instead of waiting (network is back, page is shown again); a line that seems up must prove it. */
  reconnectNow(): void {
    if (this.state === 'online') {
      this.probe(2000)
    } else if (this.state === 'offline') {
      this.backoff.reset()
      clearTimeout(this.retryTimer)
      void this.connect()
    }
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt
    this.setState('connecting')
    let ticket: string | null
    try {
      ticket = (await this.options.ticket?.()) ?? null
    } catch (error) {
      const code = (error as { code?: string } | null)?.code ?? ''
      if (attempt !== this.attempt) return
      if (FINAL[code]) this.finish(FINAL[code], code)
      else this.retry()
      return
    }
    if (attempt !== this.attempt) return
    const Socket = this.options.webSocket ?? WebSocket
    const socket = new Socket(absolute(this.options.url))
    this.socket = socket
    this.quietTimer = setTimeout(() => this.retry(), OPEN_MS)
    socket.onopen = () => socket.send(hello(ticket, this.seq))
    socket.onmessage = (message) => {
      if (socket === this.socket) this.receive(message.data as string)
    }
    socket.onclose = () => {
      if (socket === this.socket) this.retry()
    }
  }

  private receive(text: string): void {
    this.watchQuiet()
    const message = JSON.parse(text) as ServerMessage<View>
    switch (message.type) {
      case 'update':
        if (message.seq < this.seq) break
        this.seq = message.seq
        this.backoff.reset()
        this.lostBy = null
        // Online first: whoever hears the update may answer with a command.
        this.setState('online')
        this.emit('update', { view: message.view, events: message.events, seq: message.seq })
        break
      case 'reply':
        this.settle(message)
        break
      case 'push':
        this.emit('push', { push: message.push, data: message.data })
        break
      case 'goodbye':
        if (FINAL[message.code]) this.finish(FINAL[message.code] as ClosedReason, message.code)
        else {
          this.lostBy = message.code
          this.retry()
        }
        break
      default: // a message of a newer server
    }
  }

  private settle(reply: Reply): void {
    const pending = this.pending.get(reply.id)
    if (!pending) return
    this.pending.delete(reply.id)
    clearTimeout(pending.timer)
    if (reply.ok) pending.resolve(reply.result ?? {})
    else pending.reject(new CommandError(reply.problem ?? { code: 'UNEXPECTED_RESPONSE' }))
  }

  private watchQuiet(): void {
    clearTimeout(this.quietTimer)
    this.quietTimer = setTimeout(() => this.probe(ANSWER_MS), this.options.quietMs ?? 10_000)
  }

  /** The network may have changed under an open socket: it answers in time or is replaced. */
  private probe(limitMs: number): void {
    const socket = this.socket
    if (!socket || socket.readyState !== 1) return
    clearTimeout(this.quietTimer)
    socket.send(PING)
    this.quietTimer = setTimeout(() => {
      if (socket === this.socket) this.retry()
    }, limitMs)
  }

  private retry(): void {
    if (this.state === 'closed') return
    this.drop()
    this.setState('offline')
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => void this.connect(), this.backoff.delay())
  }

  private drop(): void {
    clearTimeout(this.quietTimer)
    const socket = this.socket
    this.socket = null
    if (socket && socket.readyState <= 1) socket.close()
    for (const pending of this.pending.values()) {
      clearTimeout(pending.timer)
      pending.reject(new CommandError({ code: 'OFFLINE', retryable: true }))
    }
    this.pending.clear()
  }

  private finish(reason: ClosedReason, code: string | null): void {
    if (this.state === 'closed') return
    this.attempt++
    clearTimeout(this.retryTimer)
    if (typeof window !== 'undefined') {
      window.removeEventListener('online', this.onReturn)
      window.removeEventListener('pageshow', this.onReturn)
    }
    this.drop()
    this.setState('closed')
    this.emit('closed', { reason, code })
  }

  private setState(state: SocketState): void {
    if (this.state === state) return
    this.state = state
    this.emit('state', state)
  }
}

function absolute(url: string): string {
  return /^wss?:/.test(url) ? url : new URL(url, window.location.href).href.replace(/^http/, 'ws')
}
