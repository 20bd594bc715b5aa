/** Camera and microphone of this phone, opened once by the check and kept for the room. */
import { LocalMedia, type DeviceError } from '@dr/rtc'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'

export const useDevices = defineStore('devices', () => {
  const media = shallowRef<LocalMedia | null>(null)
  const problem = shallowRef<DeviceError | null>(null)
  const isAsking = ref(false)
  /** Raised with every new track, so that pictures and meters attach anew. */
  const changes = ref(0)

  async function open(): Promise<boolean> {
    if (media.value) return true
    if (isAsking.value) return false
    isAsking.value = true
    problem.value = null
    const local = new LocalMedia()
    local.on('track', () => (changes.value += 1))
    local.on('problem', (error) => (problem.value = error))
    local.on('interrupted', ({ isInterrupted }) => {
      if (!isInterrupted) problem.value = null
    })
    try {
      await local.open()
      media.value = local
      return true
    } catch (error) {
      local.close()
      problem.value = error as DeviceError
      return false
    } finally {
      isAsking.value = false
    }
  }

  function close(): void {
    media.value?.close()
    media.value = null
    problem.value = null
  }

  return { media, problem, isAsking, changes, open, close }
})
