/** Whether to show that the connection is being repaired: not for a blink, and never flickering. */
import { watchNetwork } from '@dr/rtc'
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Room } from './room'

const PATIENCE_MS = 1500

export function useReconnecting(room: Room): { isShown: Ref<boolean>; hasNetwork: Ref<boolean> } {
  const isShown = ref(false)
  const hasNetwork = ref(true)
  const letGo = watchNetwork((isUp) => (hasNetwork.value = isUp))
  const isDown = computed(() => {
    if (room.view.value === null || room.isOver.value || room.closed.value) return false
    const isLineDown = room.link.value !== 'online' || !hasNetwork.value
    return isLineDown || room.mediaState.value === 'recovering'
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    isDown,
    (value) => {
      clearTimeout(timer)
      if (!value) isShown.value = false
      else timer = setTimeout(() => (isShown.value = true), PATIENCE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    letGo()
  })
  return { isShown, hasNetwork }
}
