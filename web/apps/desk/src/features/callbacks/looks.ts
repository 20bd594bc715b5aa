/** How states, tasks and verdicts look. Red stays for danger: here only a broken history. */
import type { IconName, Tone } from '@dr/ui'
import type { CallbackState, RecordedAnswer, View } from './api'

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

export const VIEWS: View[] = ['todo', 'electronic', 'finished', 'all']
export const isView = (value: string): value is View => (VIEWS as string[]).includes(value)
