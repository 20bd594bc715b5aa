/** How a service call stands: one that is open may still wait for its first day, or for the next call of the retry plan. */
import { useI18n } from 'vue-i18n'
import { CALL_LOOK } from './looks'
import type { ServiceCallRow } from './service-api'

type Call = Pick<ServiceCallRow, 'status' | 'not_before' | 'next_call_at' | 'attempts'>

/** Which of the names an open call has now. */
export function waitOf(call: Call, now: number): 'open' | 'not_yet' | 'again' {
  const from = call.next_call_at ?? call.not_before
  if (Date.parse(from) <= now) return 'open'
  return call.attempts ? 'again' : 'not_yet'
}

export function useCallStatus() {
  const { t } = useI18n()
  return (call: Call) => {
    const wait = call.status === 'open' ? waitOf(call, Date.now()) : 'open'
    if (wait === 'open') return { ...CALL_LOOK[call.status], label: t(`callbacks.service.status.${call.status}`) }
    return { tone: 'neutral' as const, icon: 'clock' as const, label: t(`callbacks.service.status.${wait}`) }
  }
}
