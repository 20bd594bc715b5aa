/**
 * The live line to a session: one WebSocket that comes back by itself, keeps the last sequence number, asks for a snapshot when
 * it missed something, and gives every command exactly one outcome. It decides nothing about the session.
 */
import { Backoff } from "./backoff";
import { Emitter } from "./emitter";
import { CLOSE_REASONS, type Problem, type ServerMessage } from "./protocol";

export type SocketState = "idle" | "connecting" | "online" | "offline" | "closed";
export type ClosedReason = "refused" | "taken_over" | "ended" | "stopped";

export interface SocketEvents<View> {
  state: SocketState;
  snapshot: { view: View; seq: number };
  event: { name: string; data: Readonly<Record<string, unknown>>; seq: number };
  push: { name: string; data: Readonly<Record<string, unknown>> };
  closed: { reason: ClosedReason; problem: Problem | null };
}

export interface SessionSocketOptions {
  /** Absolute `wss:` address or a path of this origin. */
  readonly url: string | (() => string);
  /** A short-lived ticket for the hello; left out where a cookie signs the customer in. Called anew for every connection. */
  readonly ticket?: () => Promise<string> | string;
  readonly commandTimeoutMs?: number;
  /** Quiet time after which the line is probed, and closed when the probe stays unanswered. */
  readonly heartbeatMs?: number;
  readonly webSocket?: new (url: string) => WebSocket;
  readonly backoff?: Backoff;
}

/** A command that the server refused, or that got no answer (`TIMEOUT`, `OFFLINE`). */
export class CommandError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
    this.name = "CommandError";
  }

  get code(): string {
    return this.problem.code;
  }

  /** True when the same command may simply be sent again. */
  get isRetryable(): boolean {
    return this.code === "TIMEOUT" || this.code === "OFFLINE";
  }
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: CommandError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class SessionSocket<View = unknown> extends Emitter<SocketEvents<View>> {
  state: SocketState = "idle";
  /** Last sequence number applied; -1 before the first snapshot. */
  seq = -1;
  private socket: WebSocket | null = null;
  private readonly pending = new Map<string, Pending>();
  private nextId = 1;
  private attempt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private isSnapshotAsked = false;
  private readonly backoff: Backoff;
  private readonly retryNow = (): void => this.reconnectNow();

  constructor(private readonly options: SessionSocketOptions) {
    super();
    this.backoff = options.backoff ?? new Backoff();
  }

  /** Connect, and stay connected until `stop`. */
  start(): void {
    if (this.state !== "idle" && this.state !== "closed") return;
    if (typeof window !== "undefined") {
      window.addEventListener("online", this.retryNow);
      window.addEventListener("pageshow", this.retryNow);
    }
    void this.connect();
  }

  /** Close for good. */
  stop(): void {
    this.finish("stopped", null);
  }

  /** Wait until the line is up. */
  async ready(timeoutMs = 60_000): Promise<void> {
    if (this.state === "online") return;
    if (this.state === "closed") throw new CommandError({ code: "CLOSED" });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => done(new CommandError({ code: "OFFLINE" })), timeoutMs);
      const stop = this.on("state", (state) => {
        if (state === "online") done(null);
        if (state === "closed") done(new CommandError({ code: "CLOSED" }));
      });
      const done = (error: CommandError | null): void => {
        clearTimeout(timer);
        stop();
        if (error) reject(error);
        else resolve();
      };
    });
  }

  /** Send a command and wait for its reply. Rejects with `CommandError`. */
  command<Result = unknown>(name: string, data: object = {}, timeoutMs = this.options.commandTimeoutMs ?? 8000): Promise<Result> {
    const socket = this.socket;
    if (this.state !== "online" || !socket) return Promise.reject(new CommandError({ code: "OFFLINE" }));
    const id = `c${this.nextId++}`;
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new CommandError({ code: "TIMEOUT" }));
      }, timeoutMs);
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
      socket.send(JSON.stringify({ type: "command", id, name, data }));
    });
  }

  /** Ask for the whole state again. */
  askSnapshot(): void {
    if (this.isSnapshotAsked || this.state !== "online") return;
    this.isSnapshotAsked = true;
    this.socket?.send(JSON.stringify({ type: "snapshot" }));
  }

  /** Try at once instead of waiting for the timer (network is back, page is shown again). */
  reconnectNow(): void {
    if (this.state === "closed" || this.state === "idle") return;
    if (this.state === "online") {
      this.probe();
      return;
    }
    this.backoff.reset();
    clearTimeout(this.retryTimer);
    void this.connect();
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    this.drop();
    this.setState("connecting");
    let ticket: string | undefined;
    try {
      ticket = await this.options.ticket?.();
    } catch (error) {
      if (attempt !== this.attempt) return;
      const code = (error as { code?: string } | null)?.code;
      if (code && FATAL.has(code)) this.finish("refused", { code });
      else this.retry();
      return;
    }
    if (attempt !== this.attempt || (this.state as SocketState) === "closed") return;
    const Socket = this.options.webSocket ?? WebSocket;
    const socket = new Socket(absolute(this.options.url));
    this.socket = socket;
    const timer = setTimeout(() => socket.close(), 6000);
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", ...(ticket === undefined ? {} : { ticket }), last_seq: this.seq }));
    };
    socket.onmessage = (message) => {
      if (socket !== this.socket) return;
      clearTimeout(timer);
      this.heardAt = Date.now();
      this.receive(message.data as string);
    };
    socket.onclose = (close) => {
      clearTimeout(timer);
      if (socket !== this.socket) return;
      const reason = CLOSE_REASONS[close.code];
      if (reason) this.finish(reason, problemIn(close.reason));
      else this.retry();
    };
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage<View> | { type: string };
    if (this.state === "connecting" && message.type !== "reply") {
      this.backoff.reset();
      this.isSnapshotAsked = false;
      this.setState("online");
      this.startHeartbeat();
    }
    switch (message.type) {
      case "snapshot": {
        const snapshot = message as { seq: number; view: View };
        this.isSnapshotAsked = false;
        this.seq = snapshot.seq;
        this.emit("snapshot", { view: snapshot.view, seq: snapshot.seq });
        break;
      }
      case "event": {
        const event = message as { seq: number; name: string; data: Record<string, unknown> };
        if (event.seq <= this.seq) break;
        if (event.seq !== this.seq + 1) {
          this.askSnapshot();
          break;
        }
        this.seq = event.seq;
        this.emit("event", event);
        break;
      }
      case "push": {
        const push = message as { name: string; data: Record<string, unknown> };
        this.emit("push", { name: push.name, data: push.data });
        break;
      }
      case "reply":
        this.settle(message as { id: string; result?: unknown; problem?: Problem });
        break;
      default: // a message of a newer server
    }
  }

  private settle(reply: { id: string; result?: unknown; problem?: Problem }): void {
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    this.pending.delete(reply.id);
    clearTimeout(pending.timer);
    if (reply.problem) pending.reject(new CommandError(reply.problem));
    else pending.resolve(reply.result);
  }

  private startHeartbeat(): void {
    clearInterval(this.heartbeat);
    const every = this.options.heartbeatMs ?? 5000;
    this.heartbeat = setInterval(() => {
      const quiet = Date.now() - this.heardAt;
      if (quiet > every * 2) this.socket?.close();
      if (quiet > every * 2 + 1000) this.retry();
      else if (quiet >= every) this.socket?.send('{"type":"ping"}');
    }, every / 2);
  }

  /** The network may have changed under an open socket: it must answer quickly or is replaced. */
  private probe(): void {
    const socket = this.socket;
    if (!socket || socket.readyState !== 1) return;
    const since = Date.now();
    socket.send('{"type":"ping"}');
    setTimeout(() => {
      if (socket === this.socket && this.heardAt < since) this.retry();
    }, 2000);
  }

  private retry(): void {
    if (this.state === "closed") return;
    this.drop();
    this.setState("offline");
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.connect(), this.backoff.delay());
  }

  private drop(): void {
    clearInterval(this.heartbeat);
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState <= 1) socket.close();
    for (const pending of this.pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new CommandError({ code: "OFFLINE" }));
    }
    this.pending.clear();
  }

  private finish(reason: ClosedReason, problem: Problem | null): void {
    if (this.state === "closed") return;
    this.attempt++;
    clearTimeout(this.retryTimer);
    if (typeof window !== "undefined") {
      window.removeEventListener("online", this.retryNow);
      window.removeEventListener("pageshow", this.retryNow);
    }
    this.setState("closed");
    this.drop();
    this.emit("closed", { reason, problem });
  }

  private setState(state: SocketState): void {
    if (this.state === state) return;
    this.state = state;
    this.emit("state", state);
  }
}

const FATAL = new Set(["SIGN_IN_REQUIRED", "FORBIDDEN", "SESSION_ENDED", "NOT_FOUND"]);

function absolute(url: string | (() => string)): string {
  const value = typeof url === "function" ? url() : url;
  if (/^wss?:/.test(value)) return value;
  return new URL(value, window.location.href).href.replace(/^http/, "ws");
}

function problemIn(reason: string): Problem | null {
  return reason ? { code: reason } : null;
}
