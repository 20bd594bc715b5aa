/**
 * Shows an element inside the box it scrolls in. `scrollIntoView` would do too much: it moves the page and makes the next Tab begin at
 * the element. Where nothing scrolls, nothing happens.
 */
export function scrollWithin(target: Element | null | undefined, options: { block?: 'nearest' | 'center'; behavior?: ScrollBehavior } = {}): void {
  const box = target && scrollerOf(target)
  if (!target || !box) return
  const [inner, outer] = [target.getBoundingClientRect(), box.getBoundingClientRect()]
  const by =
    options.block === 'center'
      ? inner.top + inner.height / 2 - (outer.top + outer.height / 2)
      : inner.top < outer.top
        ? inner.top - outer.top
        : Math.max(0, Math.min(inner.bottom - outer.bottom, inner.top - outer.top))
  if (by) box.scrollBy({ top: by, behavior: options.behavior ?? 'auto' })
}

function scrollerOf(target: Element): Element | null {
  for (let box = target.parentElement; box && box !== document.body; box = box.parentElement) {
    if (box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY)) return box
  }
  return null
}
