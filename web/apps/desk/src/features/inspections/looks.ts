/** How states, urgencies and check results look: always an icon and a word besides the colour. */
import type { IconName, Tone } from '@dr/ui'
import type { Check, State, Urgency } from './api'

interface Look {
  tone: Tone
  icon: IconName
}

export const STATE: Record<State, Look> = {
  queued: { tone: 'neutral', icon: 'clock' },
  passed: { tone: 'success', icon: 'check' },
  rejected: { tone: 'danger', icon: 'cross' },
  appealed: { tone: 'info', icon: 'question' },
  cancelled: { tone: 'neutral', icon: 'cross' },
}

export const URGENCY: Record<Urgency, Look> = {
  none: { tone: 'neutral', icon: 'dot' },
  normal: { tone: 'neutral', icon: 'clock' },
  soon: { tone: 'warning', icon: 'clock' },
  overdue: { tone: 'danger', icon: 'alert' },
}

export const RESULT: Record<Check['result'], Look> = {
  pass: { tone: 'success', icon: 'check' },
  warn: { tone: 'warning', icon: 'alert' },
  fail: { tone: 'danger', icon: 'cross' },
  not_measured: { tone: 'neutral', icon: 'question' },
}

export const VERDICT: Record<string, Look> = {
  affirmative: { tone: 'success', icon: 'check' },
  negative: { tone: 'danger', icon: 'cross' },
  unclear: { tone: 'warning', icon: 'question' },
  silent: { tone: 'warning', icon: 'pause' },
  not_measured: { tone: 'neutral', icon: 'question' },
}

export const NODE_VERDICT: Record<'pass' | 'fail' | 'not_applicable', Look> = {
  pass: { tone: 'success', icon: 'check' },
  fail: { tone: 'danger', icon: 'cross' },
  not_applicable: { tone: 'neutral', icon: 'ring' },
}
