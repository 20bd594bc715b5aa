import { describe, expect, it } from 'vitest'
import { currentPage, FIT_LIMIT, keepUnder, layOut, MARGIN, onScreen, visiblePart } from '../src/features/reader/layout'

const A4 = { width: 595, height: 842 }
const pages = [A4, A4, A4]

describe('layout of pages', () => {
  it('fits a page to the width at zoom 1 and stacks pages without overlap', () => {
    const layout = layOut(pages, 390, 1)
    expect(layout.width).toBe(390)
    expect(layout.boxes[0]).toMatchObject({ left: MARGIN, top: MARGIN, width: 390 - 2 * MARGIN })
    for (const [index, box] of layout.boxes.slice(1).entries()) {
      const above = layout.boxes[index]!
      expect(box.top).toBeCloseTo(above.top + above.height + MARGIN)
    }
  })

  it('does not blow a page up on a wide screen', () => {
    const layout = layOut(pages, 1600, 1)
    expect(layout.boxes[0]!.width).toBe(FIT_LIMIT)
    expect(layout.boxes[0]!.left).toBe((1600 - FIT_LIMIT) / 2)
  })

  it('knows the page under the middle of the window and what is on screen', () => {
    const layout = layOut(pages, 390, 1)
    const second = layout.boxes[1]!
    const view = { left: 0, top: second.top - 100, width: 390, height: 500 }
    expect(currentPage(layout, view)).toBe(2)
    expect(onScreen(layout, view).map((box) => box.page)).toEqual([1, 2])
  })

  it('says that the bottom is reached only when it is on screen', () => {
    const layout = layOut(pages, 390, 2)
    const box = layout.boxes[0]!
    const at = (top: number) => visiblePart(box, { left: 0, top, width: 390, height: 600 })
    expect(at(0)[3]).toBeLessThan(0.6)
    expect(at(box.top + box.height - 600)[3]).toBe(1)
    expect(at(box.top + box.height - 650)[3]).toBeLessThan(1)
    expect(at(0)[2] - at(0)[0]).toBeLessThan(0.6)
  })

  it('keeps the spot of paper under the fingers when it is enlarged', () => {
    const before = layOut(pages, 390, 1)
    const after = layOut(pages, 390, 3)
    const view = { left: 0, top: 300, width: 390, height: 600 }
    const anchor = { x: 120, y: 200 }
    const spot = keepUnder(before, after, view, anchor)
    const part = (layout: typeof before, left: number, top: number) => {
      const box = layout.boxes[0]!
      return [(left + anchor.x - box.left) / box.width, (top + anchor.y - box.top) / box.height]
    }
    const [x0, y0] = part(before, view.left, view.top)
    const [x1, y1] = part(after, spot.left, spot.top)
    expect(x1).toBeCloseTo(x0!)
    expect(y1).toBeCloseTo(y0!)
  })
})
