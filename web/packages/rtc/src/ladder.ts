/**
 * Decides from samples of the connection when the media is lost, long before the browser says so (its ICE state is a slow
 * alarm: 7.5 s). Pure: no timers, no browser objects.
 */
export interface LinkSample {
  /** Monotonic milliseconds. */
  readonly now: number
  readonly iceState: RTCIceConnectionState
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface LadderLimits {
  /** Silence from the server, while we send, after which the link counts as lost. */
  readonly silentMs: number
  /** A longer pause between two samples means that the page slept: measure afresh. */
  readonly sleptMs: number
}

export const LADDER_LIMITS: LadderLimits = { silentMs: 2000, sleptMs: 1800 }

export class LinkWatch {
  private heardAt: number | null = null
  private last: LinkSample | null = null

  constructor(private readonly limits: LadderLimits = LADDER_LIMITS) {}

  /** True when the link must be repaired now. */
  observe(sample: LinkSample): boolean {
    const last = this.last
    this.last = sample
    if (sample.iceState === 'disconnected' || sample.iceState === 'failed') return true
    const isFresh = last === null || this.heardAt === null || sample.now - last.now > this.limits.sleptMs
    if (isFresh || sample.bytesReceived !== last.bytesReceived) {
      this.heardAt = sample.now
      return false
    }
    if (sample.bytesSent === last.bytesSent) {
      // The server answers what we send; when nothing was sent in this interval, silence proves nothing.
      this.heardAt = Math.max(this.heardAt ?? sample.now, sample.now - this.limits.silentMs + 500)
      return false
    }
    return sample.now - (this.heardAt ?? sample.now) >= this.limits.silentMs
  }

  /** Forget the past, after a repair. */
  reset(): void {
    this.heardAt = null
    this.last = null
  }
}
