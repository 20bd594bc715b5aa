/**
 * What is missing in the recording since the service stopped and came back: kept until the agent has read it, also over a reload.
 * The server says that a new part began; from when on nothing was recorded is at the latest when the line or the media went.
 */
import type { SessionEvent } from '@dr/rtc'
import { computed, ref } from 'vue'
import type { View } from './useRoom'

export interface Gap {
  readonly seconds: number
  readonly node_id: string | null
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function useRecordingGap(sessionId: string, store: Store = sessionStorage) {
  const key = `dr.gap.${sessionId}`
  const gap = ref<Gap | null>(load())
  /** Server time (ms) since when nothing is known to be recorded. */
  let since: number | null = null

  function load(): Gap | null {
    try {
      return JSON.parse(store.getItem(key) ?? 'null') as Gap | null
    } catch {
      return null
    }
  }

  function keep(value: Gap | null): void {
    gap.value = value
    try {
      if (value) store.setItem(key, JSON.stringify(value))
      else store.removeItem(key)
    } catch {
      // storage is full or forbidden: told on this page all the same
    }
  }

  /** The line is lost. */
  function lost(serverMs: number): void {
    since ??= serverMs
  }

  /** What an update says of the recording. */
  function heard(view: View, events: readonly SessionEvent[]): void {
    for (const event of events) {
      if (event.type !== 'engine_changed' || event.data.engine !== 'media') continue
      const at = Date.parse(event.at)
      if (!event.data.is_up) since ??= at
      else {
        if (event.data.is_new_part) keep({ seconds: (gap.value?.seconds ?? 0) + Math.max(1, Math.round((at - (since ?? at)) / 1000)), node_id: view.node?.node_id ?? null })
        since = null
      }
    }
    if (view.engines.media) since = null
  }

  return { gap: computed(() => gap.value), lost, heard, read: () => keep(null) }
}

/** What the agent has to do about it: `repeat` where the rule demands the prompt again, `check` at the same node, else nothing. */
export function afterGap(gap: Gap, view: Pick<View, 'node' | 'me'>): 'repeat' | 'check' | 'done' {
  const { node, me } = view
  if (!node || node.node_id !== gap.node_id) return 'done'
  const isAskedFor = ['REPEAT_PROMPT', 'DECIDE_OR_REPEAT'].includes(me.instruction.code)
  return isAskedFor || (node.must_repeat ?? []).length > 0 || ['failed', 'stopped'].includes(node.prompt.state) ? 'repeat' : 'check'
}
