/** How states, tasks and verdicts look. Red stays for danger: here only a broken history. */
import type { IconName, Tone } from '@dr/ui'
import type { CallbackState, RecordedAnswer, View } from './api'
import type { CallView, ServiceCallRow } from './service-api'

export const STATE_LOOK: Record<CallbackState, { tone: Tone; icon: IconName }> = {
  waiting: { tone: 'neutral', icon: 'ring' },
  open: { tone: 'info', icon: 'clock' },
  in_progress: { tone: 'brand', icon: 'dot' },
  locked: { tone: 'warning', icon: 'lock' },
  phone: { tone: 'brand', icon: 'play' },
  phone_failed: { tone: 'warning', icon: 'alert' },
  problem: { tone: 'warning', icon: 'alert' },
  visit: { tone: 'brand', icon: 'arrow' },
  letter: { tone: 'brand', icon: 'arrow' },
  success: { tone: 'success', icon: 'check' },
  closed: { tone: 'neutral', icon: 'cross' },
  expired: { tone: 'neutral', icon: 'clock' },
}

export const VERDICT_LOOK: Record<NonNullable<RecordedAnswer['verdict']>, { tone: Tone; icon: IconName }> = {
  affirmative: { tone: 'success', icon: 'check' },
  negative: { tone: 'warning', icon: 'cross' },
  unclear: { tone: 'neutral', icon: 'question' },
  silent: { tone: 'neutral', icon: 'pause' },
}

export const STATES = Object.keys(STATE_LOOK) as CallbackState[]
export const isState = (value: string): value is CallbackState => value in STATE_LOOK
export const CATEGORIES = ['not_received', 'unclear_rights', 'promise', 'identity_doubt', 'contradiction', 'signature_missing', 'signed_by_other', 'misconduct', 'other'] as const

export const VIEWS: View[] = ['todo', 'electronic', 'finished', 'all']
export const isView = (value: string): value is View => (VIEWS as string[]).includes(value)

export const CALL_LOOK: Record<ServiceCallRow['status'], { tone: Tone; icon: IconName }> = {
  open: { tone: 'brand', icon: 'play' },
  number_failed: { tone: 'warning', icon: 'alert' },
  paper: { tone: 'brand', icon: 'arrow' },
  done: { tone: 'success', icon: 'check' },
  cancelled: { tone: 'neutral', icon: 'cross' },
  closed: { tone: 'neutral', icon: 'cross' },
}
export const CALL_VIEWS: CallView[] = ['todo', 'waiting', 'number', 'finished', 'all']
export const isCallView = (value: string): value is CallView => (CALL_VIEWS as string[]).includes(value)
