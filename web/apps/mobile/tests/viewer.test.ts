import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PdfFile } from '../src/features/reader/pdf'
import { DocumentViewer } from '../src/features/reader/viewer'

function element(width: number, height: number): HTMLElement {
  const made = document.createElement('div')
  Object.defineProperties(made, { clientWidth: { value: width }, clientHeight: { value: height } })
  made.scrollTo = ((options: ScrollToOptions) => {
    if (options.top !== undefined) made.scrollTop = options.top
  }) as typeof made.scrollTo
  return made
}

describe('DocumentViewer', () => {
  let drawing: Map<number, (canvas: HTMLCanvasElement) => void>
  let fail: Map<number, (error: Error) => void>
  let viewer: DocumentViewer
  let scroller: HTMLElement
  let changes: number

  beforeEach(() => {
    vi.useFakeTimers()
    drawing = new Map()
    fail = new Map()
    changes = 0
    scroller = element(390, 600)
    const file = {
      pages: [1, 2, 3, 4].map(() => ({ width: 595, height: 842 })),
      draw: (page: number) => new Promise<HTMLCanvasElement>((done, refuse) => void (drawing.set(page, done), fail.set(page, refuse))),
      close: () => undefined,
    }
    viewer = new DocumentViewer(file as unknown as PdfFile, scroller, document.createElement('div'), () => 2, () => (changes += 1))
  })
  afterEach(() => {
    viewer.close()
    vi.useRealTimers()
  })

  async function draw(page: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(100)
    drawing.get(page)?.(document.createElement('canvas'))
    await vi.advanceTimersByTimeAsync(1)
  }

  it('shows nothing to read until the page is drawn, and says when it is', async () => {
    expect(viewer.place.page).toBe(1)
    expect(viewer.shown).toBeNull()
    const before = changes
    await draw(1)
    expect(viewer.shown).toEqual(viewer.place)
    expect(changes).toBeGreaterThan(before)
  })

  it('tries again when a page could not be drawn', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await vi.advanceTimersByTimeAsync(100)
    fail.get(1)?.(new Error('no memory'))
    await vi.advanceTimersByTimeAsync(2100)
    await draw(2) // one drawing at a time: the next page was begun meanwhile
    await draw(1)
    expect(viewer.shown?.page).toBe(1)
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('a page scrolled to counts only once it is drawn itself', async () => {
    await draw(1)
    scroller.scrollTop = viewer.layout.boxes[3]?.top ?? 0
    scroller.dispatchEvent(new Event('scroll'))
    expect(viewer.place.page).toBe(4)
    expect(viewer.shown).toBeNull()
    await draw(2) // what was under way when the page turned
    expect(viewer.shown).toBeNull()
    await draw(4)
    expect(viewer.shown?.page).toBe(4)
  })
})
