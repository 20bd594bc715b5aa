import { afterEach, describe, expect, it, vi } from 'vitest'
import { scrollWithin } from '../src/scroll'

/** A box of 100 px at the top of the window, with a line at `top` of 20 px in it. */
function line(top: number, overflow = 'auto'): { target: Element; moved: ReturnType<typeof vi.fn> } {
  document.body.innerHTML = `<div id="box" style="overflow-y: ${overflow}"><p id="line"></p></div>`
  const [box, target] = [document.getElementById('box') as HTMLElement, document.getElementById('line') as HTMLElement]
  Object.defineProperties(box, { scrollHeight: { value: 500 }, clientHeight: { value: 100 } })
  box.getBoundingClientRect = () => new DOMRect(0, 0, 100, 100)
  target.getBoundingClientRect = () => new DOMRect(0, top, 100, 20)
  const moved = vi.fn()
  box.scrollBy = moved as typeof box.scrollBy
  return { target, moved }
}

afterEach(() => (document.body.innerHTML = ''))

describe('scrolling inside a box', () => {
  it.each([
    [40, 'nearest', null],
    [-30, 'nearest', -30],
    [190, 'nearest', 110],
    [190, 'center', 150],
  ] as const)('a line at %i px, %s, moves the box by %s', (top, block, by) => {
    const { target, moved } = line(top)
    scrollWithin(target, { block })
    if (by === null) expect(moved).not.toHaveBeenCalled()
    else expect(moved).toHaveBeenCalledWith({ top: by, behavior: 'auto' })
  })

  it('leaves a page alone that does not scroll in a box', () => {
    const { target, moved } = line(190, 'visible')
    scrollWithin(target)
    scrollWithin(null)
    expect(moved).not.toHaveBeenCalled()
  })
})
