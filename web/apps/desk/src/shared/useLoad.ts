/** One load with its three outcomes. The newest call wins; leaving the page aborts it. */
import { type ApiProblem, toProblem } from '@dr/api'
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Load<T> {
  data: ShallowRef<T | null>
  problem: ShallowRef<ApiProblem | null>
  isLoading: Ref<boolean>
  /** Load again. `quiet` keeps what is shown, also when it fails. */
  reload: (options?: { quiet?: boolean }) => Promise<void>
}

export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, options: { immediate?: boolean; everyMs?: number } = {}): Load<T> {
  const data = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = ref(false)
  let controller: AbortController | null = null
  let timer: ReturnType<typeof setInterval> | undefined

  async function reload({ quiet = false }: { quiet?: boolean } = {}): Promise<void> {
    controller?.abort()
    const mine = new AbortController()
    controller = mine
    if (!quiet) isLoading.value = true
    try {
      const result = await load(mine.signal)
      if (controller !== mine) return
      data.value = result
      problem.value = null
    } catch (error) {
      if (controller !== mine) return
      if (!quiet || data.value === null) problem.value = toProblem(error)
    } finally {
      if (controller === mine) isLoading.value = false
    }
  }

  if (options.immediate !== false) void reload()
  if (options.everyMs) {
    timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload({ quiet: true })
    }, options.everyMs)
  }
  onScopeDispose(() => {
    clearInterval(timer)
    const last = controller
    controller = null
    last?.abort()
  })
  return { data, problem, isLoading, reload }
}
