/** The part of a talk script's content that the pages read and edit; everything else is carried along untouched. */

export interface Paragraph {
  text: string
  when?: Record<string, unknown>
}

export interface ScriptNode {
  id: string
  kind: string
  title: string
  locked?: boolean
  critical?: boolean
  audience?: string[]
  prompt?: Paragraph[]
  agent_text?: Paragraph[]
  documents?: { kind: string; by?: string[]; optional?: boolean }[]
  answer?: { lexicon: string; expect?: string; consent?: boolean }
  when?: Record<string, unknown>
  min_seconds?: number
  [other: string]: unknown
}

export interface ScriptContent {
  key: string
  title: string
  nodes: ScriptNode[]
  lexicons?: Record<string, { affirmative: string[]; negative: string[]; fillers?: string[] }>
  [other: string]: unknown
}

export type TextPart = 'prompt' | 'agent_text'

/** A copy that can be edited. */
export const copyOf = (content: ScriptContent): ScriptContent => JSON.parse(JSON.stringify(content)) as ScriptContent

/** `{{name}}` set apart, so that merge fields can be shown as such. */
export function splitFields(text: string): { text: string; isField: boolean }[] {
  return text
    .split(/(\{\{\w+\}\})/g)
    .filter((part) => part !== '')
    .map((part) => (/^\{\{\w+\}\}$/.test(part) ? { text: part.slice(2, -2), isField: true } : { text: part, isField: false }))
}

/** Merge fields that a changed text lost or gained; publishing fails loudly on unknown ones, so say it while writing. */
export function fieldChanges(before: string, after: string): { lost: string[]; gained: string[] } {
  const names = (text: string) => [...new Set(splitFields(text).filter((part) => part.isField).map((part) => part.text))]
  const [old, now] = [names(before), names(after)]
  return { lost: old.filter((name) => !now.includes(name)), gained: now.filter((name) => !old.includes(name)) }
}

/** A condition in words a person can read; unknown keys are shown as they are. */
export function conditionText(when: Record<string, unknown> | undefined, word: (key: string) => string): string {
  if (!when) return ''
  return Object.entries(when)
    .map(([key, value]) => {
      if (typeof value === 'boolean') return word(value ? key : `not_${key}`)
      if (Array.isArray(value)) return `${word(key)}：${value.map((item) => (typeof item === 'object' ? conditionText(item as Record<string, unknown>, word) : word(String(item)))).join('、')}`
      if (value && typeof value === 'object') {
        const range = value as { min?: number; max?: number }
        if ('min' in range || 'max' in range) return `${word(key)}${range.min !== undefined ? ` ≥ ${range.min}` : ''}${range.max !== undefined ? ` ≤ ${range.max}` : ''}`
        return `${word(key)}（${conditionText(value as Record<string, unknown>, word)}）`
      }
      return `${word(key)}：${word(String(value))}`
    })
    .join('；')
}
