/** Camera and microphone of this phone, opened once by the check and kept for the room. */
import { LocalMedia, type DeviceError } from '@dr/rtc'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

export const useDevices = defineStore('devices', () => {
  /** Both camera and microphone: nobody goes on without one of them. */
  const media = shallowRef<LocalMedia | null>(null)
  /** The one of the two that works, while the other does not. */
  const half = shallowRef<LocalMedia | null>(null)
  /** What is wrong: one fault, or one of each device. */
  const problems = shallowRef<readonly DeviceError[]>([])
  const isAsking = ref(false)
  /** Raised with every new track, so that pictures and meters attach anew. */
  const changes = ref(0)

  async function open(): Promise<boolean> {
    if (media.value) return true
    if (isAsking.value) return false
    isAsking.value = true
    half.value?.close()
    half.value = null
    problems.value = []
    const local = new LocalMedia()
    local.on('track', () => {
      changes.value += 1
      if (half.value === local && local.mic && local.camera) {
        // It was plugged in, or allowed in the settings: no need to ask for another try.
        half.value = null
        media.value = local
      }
    })
    local.on('problem', () => (problems.value = local.problems))
    local.on('interrupted', ({ isInterrupted }) => {
      if (!isInterrupted) problems.value = local.problems
    })
    try {
      await local.open()
      media.value = local
      return true
    } catch (error) {
      problems.value = local.problems.length ? local.problems : [error as DeviceError]
      if (local.mic || local.camera) half.value = local
      else local.close()
      return false
    } finally {
      isAsking.value = false
    }
  }

  function close(): void {
    media.value?.close()
    half.value?.close()
    media.value = half.value = null
    problems.value = []
  }

  const mic = computed(() => (void changes.value, (media.value ?? half.value)?.mic ?? null))
  const problem = computed(() => problems.value[0] ?? null)

  return { media, half, problem, problems, isAsking, changes, mic, open, close }
})
