/**
 * One open document in its window: native scrolling of a transparent layer, pinch and buttons for zoom, pages drawn on the stage.
 * Knows nothing of duties; it tells where the reader is.
 */
import { currentPage, keepUnder, layOut, type Layout, onScreen, type Visible, visiblePart, type Window } from './layout'
import { PageCache } from './page-cache'
import type { PdfFile, Spot } from './pdf'

export const MIN_ZOOM = 1
export const MAX_ZOOM = 4
/** Zoom of "enlarge the title" and of a double tap. */
export const CLOSE_ZOOM = 2

export interface Place {
  readonly page: number
  readonly zoom: number
  readonly visible: Visible
}

export class DocumentViewer {
  zoom = 1
  layout: Layout
  private readonly cache: PageCache
  private pinch: { distance: number; zoom: number } | null = null
  private lastTap = { at: 0, x: 0, y: 0 }
  private redrawTimer: ReturnType<typeof setTimeout> | undefined
  private readonly resizes: ResizeObserver
  private readonly undo: (() => void)[] = []

  constructor(
    readonly file: PdfFile,
    private readonly scroller: HTMLElement,
    private readonly spacer: HTMLElement,
    /** Device pixels per CSS pixel of the stage. */
    private readonly pixelRatio: () => number,
    private readonly onChange: () => void,
  ) {
    this.layout = layOut(file.pages, scroller.clientWidth, this.zoom)
    this.cache = new PageCache(file, onChange)
    this.apply()
    scroller.scrollTo(0, 0)
    const listen = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions) => {
      scroller.addEventListener(name, listener, options)
      this.undo.push(() => scroller.removeEventListener(name, listener, options))
    }
    listen('scroll', () => this.moved(), { passive: true })
    listen('touchstart', (event) => this.touchStart(event), { passive: false })
    listen('touchmove', (event) => this.touchMove(event), { passive: false })
    listen('touchend', (event) => this.touchEnd(event))
    listen('wheel', (event) => this.wheel(event), { passive: false })
    listen('keydown', (event) => this.key(event))
    listen('dblclick', (event) => this.toggle(event.offsetX - scroller.scrollLeft, event.offsetY - scroller.scrollTop))
    this.resizes = new ResizeObserver(() => this.setZoom(this.zoom))
    this.resizes.observe(scroller)
    this.moved()
  }

  get window(): Window {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.scroller
    return { left: scrollLeft, top: scrollTop, width: clientWidth, height: clientHeight }
  }

  get place(): Place {
    const page = currentPage(this.layout, this.window)
    const box = this.layout.boxes[page - 1]
    // Told to the server as "1 = the page is as wide as the window", whatever margins and limits the layout has.
    const zoom = box ? Math.floor((box.width / Math.max(1, this.scroller.clientWidth)) * 100) / 100 : 1
    return { page, zoom, visible: box ? visiblePart(box, this.window) : [0, 0, 0, 0] }
  }

  /** The place as far as there is something to read: null while the page is still being drawn. */
  get shown(): Place | null {
    const { place } = this
    return this.picture(place.page) ? place : null
  }

  picture(page: number): HTMLCanvasElement | null {
    return this.cache.get(page)
  }

  /** Zoom around a point of the window (its middle when left out). */
  setZoom(zoom: number, anchor = { x: this.scroller.clientWidth / 2, y: this.scroller.clientHeight / 2 }): void {
    const [before, view] = [this.layout, this.window]
    this.zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))
    this.layout = layOut(this.file.pages, this.scroller.clientWidth, this.zoom)
    const spot = keepUnder(before, this.layout, view, anchor)
    this.apply()
    this.scroller.scrollTo({ ...spot, behavior: 'instant' })
    this.moved()
  }

  /** Bring a spot of the paper to the middle of the window, enlarged. */
  showLarge(spot: Spot): void {
    const across = this.scroller.clientWidth
    const fit = layOut(this.file.pages, across, 1).boxes[0]?.width ?? across
    this.setZoom(Math.max(this.zoom, (CLOSE_ZOOM * across) / fit))
    const box = this.layout.boxes[spot.page - 1]
    if (!box) return
    const { width, height } = this.window
    this.scroller.scrollTo({ left: box.left + spot.x * box.width - width / 2, top: box.top + spot.y * box.height - height / 2, behavior: 'instant' })
    this.moved()
  }

  /** Most of a window down; a page asked for that lies elsewhere is gone to. */
  readOn(page: number): void {
    if (this.zoom > MIN_ZOOM) this.setZoom(MIN_ZOOM)
    const view = this.window
    const box = this.layout.boxes[page - 1]
    if (!box) return
    const isAhead = box.top + box.height > view.top + view.height + 2
    const target = page < this.place.page ? box.top - 8 : isAhead ? Math.min(view.top + view.height * 0.8, box.top + box.height + 8 - view.height) : box.top - 8
    const far = page > this.place.page + 1
    this.scroller.scrollTo({ top: far ? box.top - 8 : Math.max(target, view.top === target ? target + 1 : target), behavior: 'smooth' })
  }

  goTo(page: number): void {
    const box = this.layout.boxes[page - 1]
    if (box) this.scroller.scrollTo({ top: box.top - 8, behavior: 'smooth' })
  }

  close(): void {
    clearTimeout(this.redrawTimer)
    this.resizes.disconnect()
    for (const undo of this.undo) undo()
    this.cache.close()
    this.file.close()
  }

  private apply(): void {
    this.spacer.style.width = `${this.layout.width}px`
    this.spacer.style.height = `${this.layout.height}px`
  }

  private moved(): void {
    this.onChange()
    clearTimeout(this.redrawTimer)
    // While a finger pinches, the old picture is stretched; the sharp one is drawn when it rests.
    this.redrawTimer = setTimeout(() => this.order(), this.pinch ? 250 : 60)
  }

  private order(): void {
    const page = this.place.page
    const shown = onScreen(this.layout, this.window).map((box) => box.page)
    const nearest = [...shown].sort((a, b) => Math.abs(a - page) - Math.abs(b - page))
    const width = this.layout.boxes[0]?.width ?? 0
    this.cache.want(nearest.length ? nearest : [page], width * this.pixelRatio())
  }

  private touchStart(event: TouchEvent): void {
    if (event.touches.length !== 2) return
    event.preventDefault()
    this.pinch = { distance: spread(event.touches), zoom: this.zoom }
  }

  private touchMove(event: TouchEvent): void {
    if (!this.pinch || event.touches.length !== 2) return
    event.preventDefault()
    const frame = this.scroller.getBoundingClientRect()
    const [a, b] = [event.touches[0] as Touch, event.touches[1] as Touch]
    const anchor = { x: (a.clientX + b.clientX) / 2 - frame.left, y: (a.clientY + b.clientY) / 2 - frame.top }
    this.setZoom((this.pinch.zoom * spread(event.touches)) / this.pinch.distance, anchor)
  }

  private touchEnd(event: TouchEvent): void {
    if (this.pinch) {
      this.pinch = null
      this.moved()
      return
    }
    const touch = event.changedTouches[0]
    if (!touch || event.touches.length > 0) return
    const { at, x, y } = this.lastTap
    const isSecond = event.timeStamp - at < 300 && Math.hypot(touch.clientX - x, touch.clientY - y) < 24
    this.lastTap = { at: isSecond ? 0 : event.timeStamp, x: touch.clientX, y: touch.clientY }
    if (!isSecond) return
    event.preventDefault()
    const frame = this.scroller.getBoundingClientRect()
    this.toggle(touch.clientX - frame.left, touch.clientY - frame.top)
  }

  private toggle(x: number, y: number): void {
    this.setZoom(this.zoom > 1.05 ? MIN_ZOOM : CLOSE_ZOOM, { x, y })
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey) return
    event.preventDefault()
    const frame = this.scroller.getBoundingClientRect()
    this.setZoom(this.zoom * Math.exp(-event.deltaY / 200), { x: event.clientX - frame.left, y: event.clientY - frame.top })
  }

  private key(event: KeyboardEvent): void {
    const zoom = { '+': this.zoom + 0.5, '=': this.zoom + 0.5, '-': this.zoom - 0.5, '0': 1 }[event.key]
    if (zoom === undefined || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.setZoom(zoom)
  }
}

function spread(touches: TouchList): number {
  const [a, b] = [touches[0] as Touch, touches[1] as Touch]
  return Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY))
}
