/** One button's work: busy while it runs, a message in plain words when it is refused. */
import { type ApiProblem, toProblem } from '@dr/api'
import { problemText } from '@dr/locale'
import { ElMessage } from 'element-plus'
import { ref, shallowRef } from 'vue'

export function useAction<A extends unknown[], R>(work: (...args: A) => Promise<R>, options: { isSilent?: boolean } = {}) {
  const isBusy = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  /** Returns the result, or undefined when it was refused (the problem is kept and shown). */
  async function run(...args: A): Promise<R | undefined> {
    if (isBusy.value) return undefined
    isBusy.value = true
    problem.value = null
    try {
      return await work(...args)
    } catch (error) {
      problem.value = toProblem(error)
      if (!options.isSilent) tellProblem(problem.value)
      return undefined
    } finally {
      isBusy.value = false
    }
  }
  return { run, isBusy, problem }
}

export function tellProblem(problem: { code: string; params?: Record<string, unknown> }): void {
  ElMessage({ type: 'error', message: problemText(problem), duration: 6000, showClose: true, grouping: true })
}

export function tellDone(message: string): void {
  ElMessage({ type: 'success', message, duration: 2500, grouping: true })
}

/** A trouble that no server told, already in words. */
export function tellTrouble(message: string): void {
  ElMessage({ type: 'error', message, duration: 6000, showClose: true, grouping: true })
}
