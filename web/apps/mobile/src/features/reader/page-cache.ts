/** Drawn pages: those on screen and their neighbours, at most a few, drawn again when the zoom changed. One drawing at a time. */
import { type PdfFile, release } from './pdf'

/** Largest page canvas in device pixels; beyond it the picture is stretched. Phones allow a few hundred megabytes in total. */
const MAX_PIXELS = 5_000_000
const AGAIN_MS = 2000

interface Drawn {
  readonly canvas: HTMLCanvasElement
  readonly width: number
}

export class PageCache {
  private readonly drawn = new Map<number, Drawn>()
  private wanted: number[] = []
  private width = 0
  private working: { page: number; width: number; abort: AbortController } | null = null
  private isClosed = false

  constructor(
    private readonly file: PdfFile,
    private readonly onDrawn: () => void,
  ) {}

  /** The newest picture of a page, perhaps of another zoom. */
  get(page: number): HTMLCanvasElement | null {
    return this.drawn.get(page)?.canvas ?? null
  }

  /** Want these pages, most important first, at this width in device pixels. */
  want(visible: readonly number[], width: number): void {
    const last = this.file.pages.length
    const around = [Math.min(...visible) - 1, Math.max(...visible) + 1].filter((page) => page >= 1 && page <= last)
    this.wanted = [...visible, ...around]
    this.width = Math.round(width)
    for (const [page, { canvas }] of this.drawn) {
      if (this.wanted.includes(page)) continue
      release(canvas)
      this.drawn.delete(page)
    }
    if (this.working && (!this.wanted.includes(this.working.page) || this.working.width !== this.widthOf(this.working.page))) this.working.abort.abort()
    void this.work()
  }

  close(): void {
    this.isClosed = true
    this.working?.abort.abort()
    for (const { canvas } of this.drawn.values()) release(canvas)
    this.drawn.clear()
  }

  private async work(): Promise<void> {
    if (this.working || this.isClosed) return
    const page = this.wanted.find((candidate) => this.drawn.get(candidate)?.width !== this.widthOf(candidate))
    if (page === undefined) return
    const width = this.widthOf(page)
    const abort = new AbortController()
    this.working = { page, width, abort }
    try {
      const canvas = await this.file.draw(page, width, abort.signal)
      const old = this.drawn.get(page)
      if (old) release(old.canvas)
      if (this.isClosed || !this.wanted.includes(page)) release(canvas)
      else {
        this.drawn.set(page, { canvas, width })
        this.onDrawn()
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        console.warn('page not drawn', page, error)
        this.wanted = this.wanted.filter((candidate) => candidate !== page)
        setTimeout(() => this.again(page), AGAIN_MS)
      }
    } finally {
      this.working = null
    }
    void this.work()
  }

  /** A page that could not be drawn (a phone short of memory): nothing of it counts as read, so it is tried until it can. */
  private again(page: number): void {
    if (this.isClosed || this.wanted.includes(page)) return
    this.wanted.unshift(page)
    void this.work()
  }

  private widthOf(page: number): number {
    const size = this.file.pages[page - 1]
    const ratio = size ? size.height / size.width : 1
    return Math.min(this.width, Math.floor(Math.sqrt(MAX_PIXELS / ratio)))
  }
}
