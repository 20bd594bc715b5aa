/** What is wrong with the person's own picture or sound and can be mended now; one at a time: two sentences at once help nobody. */
import { computed } from 'vue'
import type { Room } from './room'

/** In this order: a device that is gone (a phone call, another app, unplugged) explains what the server sees of it. */
const GONE = ['mic_muted', 'camera_muted'] as const
const MENDABLE = ['NO_SOUND', 'BLACK', 'FACE_LOST', 'TWO_FACES', 'DARK', 'FROZEN']

export function useOwnWarning(room: Pick<Room, 'view'>) {
  return computed(() => {
    const me = room.view.value?.people.find((person) => person.is_me)
    const alerts = me?.alerts ?? []
    const gone = GONE.find((kind) => me?.media.lapses?.includes(kind))
    return gone ?? MENDABLE.find((code) => alerts.some((alert) => alert.code === code))?.toLowerCase()
  })
}
