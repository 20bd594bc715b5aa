/** What is wrong with the person's own picture or sound and can be mended now; one at a time: two sentences at once help nobody. */
import { computed } from 'vue'
import type { Room } from './room'

/** In this order. */
const MENDABLE = ['NO_SOUND', 'BLACK', 'FACE_LOST', 'TWO_FACES', 'DARK', 'FROZEN']

export function useOwnWarning(room: Pick<Room, 'view'>) {
  return computed(() => {
    const alerts = room.view.value?.people.find((person) => person.is_me)?.alerts ?? []
    return MENDABLE.find((code) => alerts.some((alert) => alert.code === code))?.toLowerCase()
  })
}
