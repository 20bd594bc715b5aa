/**
 * Whether this phone shares the reader, and the way back into a share that a lost connection ended: nobody asked for the end, so
 * the same paper stays open and the share is begun anew (a new entry in the log) as soon as the server allows it.
 */
import { computed, ref, watch } from 'vue'
import type { Room } from './room'
import { canDo } from './wire'

export function useSharing(room: Room) {
  const isSharing = computed(() => room.view.value?.share?.is_mine === true && room.view.value.share.mode === 'reader')
  /** The node at which the share was lost; the wish ends with the node. */
  const lostAt = ref<string | null>(null)
  const isResuming = computed(() => lostAt.value !== null)

  watch(isSharing, (now, before) => {
    if (now) lostAt.value = null
    else if (before && room.shareWish.value && room.view.value?.phase === 'recording') lostAt.value = room.view.value.node?.node_id ?? null
  })

  watch(
    () => [room.view.value, room.mediaState.value, lostAt.value] as const,
    ([view, media, node]) => {
      if (node === null || !view) return
      const isElsewhere = view.phase !== 'recording' || view.node?.node_id !== node || (view.share !== null && view.share !== undefined)
      if (isElsewhere) lostAt.value = null
      else if (media === 'connected' && canDo(view, 'start_share')) void room.command('start_share', { mode: 'reader' }, true)
    },
  )

  return { isSharing, isResuming, giveUp: () => (lostAt.value = null) }
}
