/**
 * A canvas as a video track. A still canvas emits no frame at all, so a heartbeat repaints one pixel and asks for a frame at
 * least once a second; a change asks for one at once, at most `maxFps` times a second.
 */
export interface CanvasTrackOptions {
  readonly maxFps?: number
  readonly heartbeatMs?: number
}

export class CanvasTrack {
  readonly track: MediaStreamTrack
  private readonly minGap: number
  private readonly timer: ReturnType<typeof setInterval>
  private queued: ReturnType<typeof setTimeout> | undefined
  private lastFrame = 0
  private flip = false

  constructor(
    private readonly canvas: HTMLCanvasElement,
    options: CanvasTrackOptions = {},
  ) {
    const stream = canvas.captureStream(0)
    const track = stream.getVideoTracks()[0]
    if (!track) throw new Error('canvas gave no video track')
    track.contentHint = 'detail'
    this.track = track
    this.minGap = 1000 / (options.maxFps ?? 8)
    this.timer = setInterval(() => this.beat(), options.heartbeatMs ?? 500)
  }

  /** The canvas was drawn on. */
  changed(): void {
    const wait = this.lastFrame + this.minGap - performance.now()
    if (wait <= 0) this.request()
    else this.queued ??= setTimeout(() => this.request(), wait)
  }

  stop(): void {
    clearInterval(this.timer)
    clearTimeout(this.queued)
    this.track.stop()
  }

  private beat(): void {
    if (performance.now() - this.lastFrame < this.minGap) return
    const context = this.canvas.getContext('2d')
    if (context) {
      this.flip = !this.flip
      context.save()
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.fillStyle = this.flip ? 'rgb(250,250,250)' : 'rgb(251,251,251)'
      context.fillRect(this.canvas.width - 1, 0, 1, 1)
      context.restore()
    }
    this.request()
  }

  private request(): void {
    clearTimeout(this.queued)
    this.queued = undefined
    this.lastFrame = performance.now()
    ;(this.track as MediaStreamTrack & { requestFrame?: () => void }).requestFrame?.()
  }
}
