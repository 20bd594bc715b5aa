/** Where the pages lie: one column, each page as wide as the window at zoom 1. Pure geometry in CSS pixels. */
export interface PageSize {
  readonly width: number
  readonly height: number
}

export interface PageBox {
  readonly page: number
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly boxes: readonly PageBox[]
  readonly width: number
  readonly height: number
}

export interface Window {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** (left, top, right, bottom) of a page that is on screen, 0…1 of the page. */
export type Visible = readonly [number, number, number, number]

export const MARGIN = 8
/** On a wide screen a page is not blown up beyond this. */
export const FIT_LIMIT = 860

export function layOut(pages: readonly PageSize[], windowWidth: number, zoom: number): Layout {
  const fit = Math.max(50, Math.min(windowWidth - 2 * MARGIN, FIT_LIMIT))
  const width = Math.max(windowWidth, fit * zoom + 2 * MARGIN)
  let top = MARGIN
  const boxes = pages.map((size, index) => {
    const pageWidth = fit * zoom
    const height = (pageWidth * size.height) / size.width
    const box = { page: index + 1, left: (width - pageWidth) / 2, top, width: pageWidth, height }
    top += height + MARGIN
    return box
  })
  return { boxes, width, height: top }
}

/** Pages of which something is on screen. */
export function onScreen(layout: Layout, view: Window): PageBox[] {
  return layout.boxes.filter((box) => box.top < view.top + view.height && box.top + box.height > view.top)
}

/** The page under the middle of the window; between two pages, the nearer one. */
export function currentPage(layout: Layout, view: Window): number {
  const middle = view.top + view.height / 2
  let best = 1
  let distance = Infinity
  for (const box of layout.boxes) {
    const away = middle < box.top ? box.top - middle : middle > box.top + box.height ? middle - box.top - box.height : 0
    if (away < distance) {
      distance = away
      best = box.page
    }
  }
  return best
}

export function visiblePart(box: PageBox, view: Window): Visible {
  const part = (value: number, size: number) => Math.min(1, Math.max(0, Math.round((value / size) * 10_000) / 10_000))
  return [
    part(view.left - box.left, box.width),
    part(view.top - box.top, box.height),
    part(view.left + view.width - box.left, box.width),
    part(view.top + view.height - box.top, box.height),
  ]
}

/** The scroll position that keeps the same spot of paper under `anchor` (a point of the window) when the layout changes. */
export function keepUnder(before: Layout, after: Layout, view: Window, anchor: { x: number; y: number }): { left: number; top: number } {
  const y = view.top + anchor.y
  const x = view.left + anchor.x
  const index = Math.max(0, before.boxes.findIndex((box) => y < box.top + box.height))
  const [from, to] = [before.boxes[index], after.boxes[index]]
  if (!from || !to) return { left: view.left, top: view.top }
  return {
    left: to.left + ((x - from.left) / from.width) * to.width - anchor.x,
    top: to.top + ((y - from.top) / from.height) * to.height - anchor.y,
  }
}
