// What a person cannot reach or read on the page as it is: read by tests/e2e/pages.py.
() => {
  const found = []
  const add = (what, element) => found.push(`${what}: ${name(element)}`)
  const name = (e) => e.dataset?.testid || e.getAttribute('aria-label') || e.textContent.trim().slice(0, 20) || e.tagName
  const shown = (e) => {
    const box = e.getBoundingClientRect()
    const isSeen = e.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    return box.width > 1 && box.height > 1 && isSeen && !e.closest('[inert]')
  }
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth + 1) found.push(`page ${wide} > ${innerWidth}`)
  const controls = 'button, a[href], input:not([type=hidden]), textarea, [role=button]'
  for (const control of [...document.querySelectorAll(controls)].filter(shown)) {
    control.scrollIntoView({ block: 'center', behavior: 'instant' })
    const box = control.getBoundingClientRect()
    const isOut = box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1
    if (isOut) add('out of the screen', control)
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    const isHit = at && (control.contains(at) || at.contains(control) || control.closest('label')?.contains(at))
    if (!isHit) add(`covered by ${at?.className || at?.tagName}`, control)
  }
  // What must be read now: the heading and what went wrong; neither lies under something else.
  for (const text of [...document.querySelectorAll('h1, [role=alert]')].filter(shown)) {
    text.scrollIntoView({ block: 'nearest', behavior: 'instant' })
    const box = text.getBoundingClientRect()
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 24) / 2)
    if (!at || !(text.contains(at) || at.contains(text))) add(`covered by ${at?.className || at?.tagName}`, text)
  }
  for (const text of [...document.querySelectorAll('button, h1, h2, p, li, label, strong')].filter(shown)) {
    const style = getComputedStyle(text)
    const isClipped = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY)
    if (!isClipped || text.closest('.dr-sr-only') || !text.textContent.trim()) continue
    if (text.scrollWidth > text.clientWidth + 1 || text.scrollHeight > text.clientHeight + 2) add('cut off', text)
  }
  return [...new Set(found)]
}
