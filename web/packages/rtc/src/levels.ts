/** Loudness of a local audio track for a level meter: 0 (silence) … 1 (loud speech), smoothed for the eye. */
export class LevelMeter {
  private readonly context: AudioContext
  private readonly analyser: AnalyserNode
  private readonly samples: Float32Array<ArrayBuffer>
  private source: MediaStreamAudioSourceNode | null = null
  private shown = 0

  constructor() {
    this.context = new AudioContext()
    this.analyser = this.context.createAnalyser()
    this.analyser.fftSize = 1024
    this.samples = new Float32Array(this.analyser.fftSize)
  }

  /** Listen to this track; the meter never plays it. */
  attach(track: MediaStreamTrack | null): void {
    this.source?.disconnect()
    this.source = track ? this.context.createMediaStreamSource(new MediaStream([track])) : null
    this.source?.connect(this.analyser)
    void this.resume()
  }

  /** To be called from a tap where the browser holds audio back. */
  async resume(): Promise<void> {
    if (this.context.state !== 'running' && this.context.state !== 'closed') await this.context.resume().catch(() => undefined)
  }

  /** The level now; call it once per painted frame. */
  read(): number {
    this.analyser.getFloatTimeDomainData(this.samples)
    let sum = 0
    for (const sample of this.samples) sum += sample * sample
    const decibels = 10 * Math.log10(sum / this.samples.length + 1e-10)
    const level = Math.min(1, Math.max(0, (decibels + 60) / 45))
    this.shown = level > this.shown ? level : this.shown * 0.9 + level * 0.1
    return this.shown
  }

  close(): void {
    this.source?.disconnect()
    void this.context.close().catch(() => undefined)
  }
}
