/**
 * Tells the server what is on screen while somebody reads: once a second, and soon after every change. Raw facts; what counts as
 * read is the server's business.
 */
import type { Visible } from './layout'

export interface Reading {
  readonly document_id: string
  readonly page: number
  readonly zoom: number
  readonly visible: Visible
}

export const EVERY_MS = 1000
export const SOON_MS = 250

export class Reporter {
  private reading: Reading | null = null
  private lastAt = -Infinity
  private soon: ReturnType<typeof setTimeout> | undefined
  private readonly timer: ReturnType<typeof setInterval>

  constructor(
    private readonly send: (reading: Reading) => void,
    private readonly isWatching: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.beat(), SOON_MS)
  }

  /** What is on screen now; null when no document is. */
  show(reading: Reading | null): void {
    const before = this.reading
    this.reading = reading
    if (!reading || (before && isSame(before, reading))) return
    const wait = this.lastAt + SOON_MS - this.now()
    if (wait <= 0) this.report()
    else this.soon ??= setTimeout(() => this.report(), wait)
  }

  stop(): void {
    clearInterval(this.timer)
    clearTimeout(this.soon)
    this.reading = null
  }

  private beat(): void {
    if (this.now() - this.lastAt >= EVERY_MS - 20) this.report()
  }

  private report(): void {
    clearTimeout(this.soon)
    this.soon = undefined
    if (!this.reading || !this.isWatching()) return
    this.lastAt = this.now()
    this.send(this.reading)
  }
}

function isSame(a: Reading, b: Reading): boolean {
  return a.document_id === b.document_id && a.page === b.page && a.zoom === b.zoom && a.visible.every((value, index) => value === b.visible[index])
}
