/**
 * Plays what is heard in the room: the prompt voice and the other people. Browsers may hold sound back until a tap; `isBlocked`
 * says so and `unlock`, called from a tap, starts everything.
 */
import { Emitter } from './emitter'

export interface RemoteAudioEvents {
  blocked: boolean
}

export class RemoteAudio extends Emitter<RemoteAudioEvents> {
  isBlocked = false
  private readonly elements = new Map<string, HTMLAudioElement>()

  /** Play exactly these streams, by a stable key (seat id, or `prompt`). */
  play(streams: Readonly<Record<string, MediaStream | null>>): void {
    for (const [key, element] of this.elements) {
      if (!streams[key]) {
        element.srcObject = null
        element.remove()
        this.elements.delete(key)
      }
    }
    for (const [key, stream] of Object.entries(streams)) {
      if (stream) this.start(this.element(key), stream)
    }
  }

  /** To be called from a tap. */
  async unlock(): Promise<void> {
    const results = await Promise.allSettled([...this.elements.values()].map((element) => element.play()))
    this.setBlocked(results.some((result) => result.status === 'rejected' && isHeldBack(result.reason)))
  }

  /** Loudness of what is played, 0 … 1. */
  setVolume(volume: number): void {
    for (const element of this.elements.values()) element.volume = volume
  }

  close(): void {
    this.play({})
  }

  private element(key: string): HTMLAudioElement {
    const existing = this.elements.get(key)
    if (existing) return existing
    const element = document.createElement('audio')
    element.autoplay = true
    element.setAttribute('playsinline', '')
    element.dataset['rtc'] = key
    element.hidden = true
    document.body.append(element)
    this.elements.set(key, element)
    return element
  }

  private start(element: HTMLAudioElement, stream: MediaStream): void {
    if (element.srcObject === stream && !element.paused) return
    if (element.srcObject !== stream) element.srcObject = stream
    element.play().then(
      () => this.setBlocked(false),
      (error: unknown) => {
        if (isHeldBack(error)) this.setBlocked(true)
      },
    )
  }

  private setBlocked(isBlocked: boolean): void {
    if (this.isBlocked === isBlocked) return
    this.isBlocked = isBlocked
    this.emit('blocked', isBlocked)
  }
}

function isHeldBack(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === 'NotAllowedError'
}
