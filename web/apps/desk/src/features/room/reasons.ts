/** Reasons and codes of the session in words: who, which document, what to do. */
import type { Schema } from '@dr/api'

type Reason = Schema<'Reason'>
type Translate = (key: string, params?: Record<string, unknown>) => string

/** One sentence for a reason; an unknown code still says something true. */
export function reasonText(reason: Pick<Reason, 'code' | 'params'>, t: Translate, te: (key: string) => boolean): string {
  const raw = reason.params ?? {}
  const roles = Array.isArray(raw.roles) ? raw.roles.map((role) => roleText(String(role), t)).join('、') : ''
  const role = typeof raw.role === 'string' ? roleText(raw.role, t) : ''
  const params: Record<string, unknown> = {
    ...raw,
    roles,
    role,
    name: raw.name ?? role ?? '',
    document: raw.document_name ?? '',
    pages: Array.isArray(raw.pages) ? raw.pages.join('、') : (raw.pages ?? ''),
    seconds: typeof raw.remaining_ms === 'number' ? Math.ceil(raw.remaining_ms / 1000) : '',
  }
  const key = `room.reason.${reason.code}${wayOn(raw, reason.code, te)}`
  if (!te(key)) console.warn('no text for reason', reason.code)
  const text = te(key) ? t(key, params) : t('room.reason.other')
  return text.replace(/\s+/g, ' ').trim()
}

/** The server says what is left to do: no words about a replay when the tries are used up, or where the agent has decided. */
function wayOn(raw: Record<string, unknown>, code: string, te: (key: string) => boolean): '' | '_LAST' | '_DECIDED' {
  const way = raw.is_overridden === true ? '_DECIDED' : raw.attempts_left === 0 ? '_LAST' : ''
  return te(`room.reason.${code}${way}`) ? way : ''
}

export const roleText = (role: string, t: Translate) => t(`cases.role.${role}`)

/** Reasons about the same person and document side by side, the first few, and how many more. */
export function shorten<T>(items: readonly T[], limit: number): { shown: readonly T[]; more: number } {
  return { shown: items.slice(0, limit), more: Math.max(0, items.length - limit) }
}

export type Action = Schema<'AllowedAction'>

/** The state of one button: absent actions are not this person's at all. */
export function actionOf(actions: readonly Action[], name: string): { isThere: boolean; isEnabled: boolean; reasons: readonly Reason[] } {
  const found = actions.find((action) => action.action === name)
  return { isThere: found !== undefined, isEnabled: found?.enabled ?? false, reasons: found?.reasons ?? [] }
}
