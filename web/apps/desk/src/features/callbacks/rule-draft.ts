/**
 * A draft of a rulebook or questionnaire: edited as a form or as text, kept in this browser until it is published or thrown away,
 * so that a refused check, a closed tab or a lost session costs nothing.
 */
import { computed, type Ref, ref, watch } from 'vue'
import type { RuleKind } from './api'

/** Amounts are kept in fen and written in whole yuan. What is no amount stays as it was typed, and the check names it. */
export const isAmount = (path: string): boolean => path.endsWith('_fen')
export const yuanOf = (value: unknown): string => (typeof value === 'number' ? String(value / 100) : String(value ?? ''))
export const fenOf = (text: string): number | string => (/^\d+$/.test(text.trim()) ? Number(text) * 100 : text)

export type RuleData = Record<string, unknown>
export interface Chosen {
  kind: RuleKind
  id: string
  version: number
}

const keyOf = (chosen: Chosen) => `callbacks.draft.${chosen.kind}.${chosen.id}.${chosen.version}`

export function useDraft(chosen: Ref<Chosen | null>) {
  const data = ref<RuleData>({})
  const published = ref('')
  const text = ref('')
  const textFault = ref('')
  const isChanged = computed(() => chosen.value !== null && JSON.stringify(data.value) !== published.value)

  function open(content: RuleData): void {
    published.value = JSON.stringify(content)
    const kept = chosen.value ? localStorage.getItem(keyOf(chosen.value)) : null
    set(kept ? (JSON.parse(kept) as RuleData) : content)
  }
  function set(content: RuleData): void {
    data.value = JSON.parse(JSON.stringify(content)) as RuleData
    text.value = JSON.stringify(content, null, 2)
    textFault.value = ''
  }
  function discard(): void {
    if (chosen.value) localStorage.removeItem(keyOf(chosen.value))
    set(JSON.parse(published.value) as RuleData)
  }
  /** Text is taken over only when it can be read; what was typed stays either way. */
  function typed(value: string): void {
    text.value = value
    try {
      data.value = JSON.parse(value) as RuleData
      textFault.value = ''
    } catch (error) {
      textFault.value = error instanceof Error ? error.message : String(error)
    }
  }
  watch(
    data,
    () => {
      if (!chosen.value) return
      if (isChanged.value) localStorage.setItem(keyOf(chosen.value), JSON.stringify(data.value))
      else localStorage.removeItem(keyOf(chosen.value))
      if (!textFault.value) text.value = JSON.stringify(data.value, null, 2)
    },
    { deep: true },
  )
  return { data, text, textFault, isChanged, open, discard, typed }
}

/** A value by its path (`phone.hours.opens`). */
export function read(data: RuleData, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value && typeof value === 'object' ? (value as RuleData)[key] : undefined), data)
}

/** Set a value by its path; missing levels are made. */
export function write(data: RuleData, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  let level = data
  for (const key of keys) {
    if (!level[key] || typeof level[key] !== 'object') level[key] = {}
    level = level[key] as RuleData
  }
  level[last] = value
}
