/** When a task is to be done: a call from a moment on, everything else by one. */
import { exactTime } from '@dr/ui'
import { useI18n } from 'vue-i18n'
import type { CallbackDetail } from './api'

type Task = Pick<CallbackDetail['tasks'][number], 'kind' | 'due_at' | 'late_at'>
const minute = (at: string) => exactTime(at).slice(0, 16)

export const isCall = (kind: string | null): boolean => kind === 'phone_call'

export function useDueText() {
  const { t } = useI18n()
  return (task: Task) => (isCall(task.kind) ? t('callbacks.due_from', { at: minute(task.due_at), late: minute(task.late_at) }) : t('callbacks.due', { at: minute(task.due_at) }))
}
