/** Keyboard control of the review. Keys typed into a field, or with a modifier, belong to the field or the browser. */
import { onScopeDispose } from 'vue'

export type Keys = Record<string, () => void>

export function useKeys(keys: Keys, isOff: () => boolean): void {
  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isOff()) return
    const target = event.target instanceof Element ? event.target : null
    if (target?.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]')) return
    const isButton = target?.closest('button, a, [role="tab"]') !== null && target !== null
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (isButton && (name === 'Enter' || name === ' ')) return
    if (name.startsWith('Arrow') && target?.closest('[role="tab"], [role="combobox"], [role="listbox"], [role="menu"], [role="slider"]')) return
    const action = keys[name]
    if (!action) return
    event.preventDefault()
    action()
  }
  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}
