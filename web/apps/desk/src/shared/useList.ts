/**
 * A list whose filters and page live in the address, so that back, reload and a shared link show the same.
 * Typing waits a moment before it asks.
 */
import { onScopeDispose, reactive, watch } from 'vue'
import { useRoute, useRouter, type LocationQueryValue } from 'vue-router'
import { type Load, useLoad } from './useLoad'

export type Filters = Record<string, string>

export function useList<F extends Filters, T>(
  defaults: F,
  load: (filters: F, page: number, signal: AbortSignal) => Promise<T>,
  options: { everyMs?: number } = {},
): Load<T> & { filters: F; paging: { page: number }; reset: () => void; isFiltered: () => boolean } {
  const route = useRoute()
  const router = useRouter()
  const home = route.path
  const first = (value: LocationQueryValue | LocationQueryValue[] | undefined) => (Array.isArray(value) ? value[0] : value)
  const filters = reactive({ ...defaults }) as F
  const paging = reactive({ page: Number(first(route.query.page)) || 1 })
  for (const key of Object.keys(defaults) as (keyof F & string)[]) {
    const value = first(route.query[key])
    if (typeof value === 'string') filters[key] = value as F[typeof key]
  }

  const state = useLoad((signal) => load({ ...filters }, paging.page, signal), options)
  let timer: ReturnType<typeof setTimeout> | undefined

  function apply(): void {
    const query: Record<string, string> = {}
    for (const [key, value] of Object.entries(filters)) if (value && value !== defaults[key]) query[key] = value
    if (paging.page > 1) query.page = String(paging.page)
    if (route.path === home) void router.replace({ query })
    void state.reload()
  }

  watch(
    () => ({ ...filters }),
    () => {
      paging.page = 1
      clearTimeout(timer)
      timer = setTimeout(apply, 250)
    },
  )
  watch(
    () => paging.page,
    () => {
      clearTimeout(timer)
      timer = setTimeout(apply, 0)
    },
  )
  onScopeDispose(() => clearTimeout(timer))

  return {
    ...state,
    filters,
    paging,
    reset: () => Object.assign(filters, defaults),
    isFiltered: () => Object.keys(defaults).some((key) => filters[key] !== defaults[key]),
  }
}
