/**
 * Leaving by accident: no draft is kept, so the phone's own back button, a reload and closing ask first while answers would be lost.
 * A step in the history of the same page (`#work`) is what "back" takes away first.
 */
import { onMounted, onUnmounted, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Visit } from './visit'

const HASH = '#work'

export function useLeaving(visit: Visit) {
  const route = useRoute()
  const router = useRouter()
  const isAsking = ref(false)

  watch(visit.isAtWork, (is) => {
    if (is && route.hash !== HASH) void router.push({ hash: HASH })
    if (!is) isAsking.value = false
  })
  watch(
    () => route.hash,
    (hash) => {
      if (hash === HASH || !visit.isAtWork.value) return
      void router.push({ hash: HASH })
      isAsking.value = true
    },
  )

  function closing(event: BeforeUnloadEvent): void {
    if (visit.isAtWork.value && Object.keys(visit.answers.value).length) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', closing))
  onUnmounted(() => window.removeEventListener('beforeunload', closing))
  return { isAsking }
}
