/**
 * The agent's own screen (showing a certificate, explaining a table): the browser asks which window, the server whether it may be
 * now. The picture goes out only while the server says that the share is this page's.
 */
import type { Schema } from '@dr/api'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { tellTrouble } from '../../shared/useAction'
import type { Room } from './useRoom'

type Share = Schema<'ShareInView'>

export type ScreenShare = ReturnType<typeof useScreenShare>

export function useScreenShare(room: Room, say: (key: string) => string) {
  const track = shallowRef<MediaStreamTrack | null>(null)
  const preview = computed(() => (track.value ? new MediaStream([track.value]) : null))
  const mine = computed<Share | null>(() => (room.view.value?.share?.is_mine ? room.view.value.share : null))
  /** The share is ours, but this page has no picture of it: it was reloaded, or the share was begun in another window. */
  const isLost = computed(() => mine.value !== null && track.value === null && !room.busy.has('start_share'))

  async function start(): Promise<void> {
    const chosen = await choose()
    if (!chosen) return
    if (!(await room.command('start_share', { mode: 'screen' }))) {
      chosen.stop()
      return
    }
    track.value = chosen
    chosen.onended = () => void stop('track_ended')
    await room.share(chosen)
  }

  async function choose(): Promise<MediaStreamTrack | null> {
    if (!navigator.mediaDevices?.getDisplayMedia) {
      tellTrouble(say('room.screen.unsupported'))
      return null
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 8, max: 15 } }, audio: false })
      return stream.getVideoTracks()[0] ?? null
    } catch (error) {
      // Closing the browser's dialogue is a choice, not a fault.
      const name = (error as { name?: string } | null)?.name
      if (name !== 'NotAllowedError' && name !== 'AbortError') tellTrouble(say('room.screen.failed'))
      return null
    }
  }

  async function stop(reason: 'user' | 'track_ended' = 'user'): Promise<void> {
    if (mine.value) await room.command('stop_share', { reason })
    release()
  }

  function release(): void {
    const old = track.value
    track.value = null
    if (old) {
      old.onended = null
      old.stop()
      void room.share(null)
    }
  }

  // The server may end a share by itself (a lost connection): then the window is let go as well.
  watch(mine, (value, before) => {
    if (before && !value) release()
  })
  onScopeDispose(release)
  return { start, stop, mine, preview, isLost }
}
