/** Keeps the screen lit while the room is open; asked anew after every return to the page. */
import { onMounted, onUnmounted } from 'vue'

export function useKeepAwake(): void {
  let lock: WakeLockSentinel | null = null
  const ask = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    lock = await navigator.wakeLock.request('screen').catch(() => null)
  }
  onMounted(() => {
    void ask()
    document.addEventListener('visibilitychange', ask)
  })
  onUnmounted(() => {
    document.removeEventListener('visibilitychange', ask)
    void lock?.release().catch(() => undefined)
  })
}
