/**
 * What a page must admit: that it is hidden behind another app, and that a phone call or the system holds its microphone or
 * camera. The server writes it on the recording's timeline. Told whole, at once when the page hides (it may be frozen next), and
 * again after every return of the line; a mute shorter than the grace (a camera being turned) is none.
 */
export interface Lapses {
  readonly is_hidden: boolean
  readonly is_mic_muted: boolean
  readonly is_camera_muted: boolean
}

type Kind = 'mic' | 'camera'
const EVENTS = ['mute', 'unmute', 'ended'] as const
const GRACE_MS = 400

export class PageState {
  private readonly tracks = new Map<Kind, MediaStreamTrack>()
  private readonly muted: Record<Kind, boolean> = { mic: false, camera: false }
  private told = ''
  private isLineUp = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly onPage = (): void => this.tell()
  private readonly onTrack = (): void => {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), GRACE_MS)
  }

  /** @param send gives the report to the server; a rejection means that it was not taken. */
  constructor(private readonly send: (lapses: Lapses) => Promise<unknown>) {
    document.addEventListener('visibilitychange', this.onPage)
  }

  /** The track that is sent now. */
  watch(kind: Kind, track: MediaStreamTrack | null): void {
    const old = this.tracks.get(kind)
    if (old === track) return
    if (old) for (const name of EVENTS) old.removeEventListener(name, this.onTrack)
    if (track) {
      this.tracks.set(kind, track)
      for (const name of EVENTS) track.addEventListener(name, this.onTrack)
    }
    this.onTrack()
  }

  /** The line to the server came up or went down; up, everything is told anew. */
  line(isUp: boolean): void {
    this.isLineUp = isUp
    this.told = ''
    this.tell()
  }

  stop(): void {
    clearTimeout(this.timer)
    document.removeEventListener('visibilitychange', this.onPage)
    for (const track of this.tracks.values()) for (const name of EVENTS) track.removeEventListener(name, this.onTrack)
    this.tracks.clear()
    this.isLineUp = false
  }

  private look(): void {
    for (const kind of ['mic', 'camera'] as const) {
      const track = this.tracks.get(kind)
      this.muted[kind] = track !== undefined && (track.muted || track.readyState === 'ended')
    }
    this.tell()
  }

  private tell(): void {
    if (!this.isLineUp) return
    const lapses = { is_hidden: document.visibilityState === 'hidden', is_mic_muted: this.muted.mic, is_camera_muted: this.muted.camera }
    const text = JSON.stringify(lapses)
    if (text === this.told) return
    this.told = text
    this.send(lapses).catch(() => {
      // Lost with the line: told anew when it is back. Refused: the next change is told again.
      if (this.told === text) this.told = ''
    })
  }
}
