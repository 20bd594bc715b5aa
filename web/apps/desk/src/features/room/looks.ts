/** Tone and icon of what the room shows; the words are in the locale file. */
import type { Schema } from '@dr/api'
import type { IconName, Tone } from '@dr/ui'

export interface Look {
  tone: Tone
  icon: IconName
}

type Presence = Schema<'PersonInView'>['presence']
const PRESENCE: Record<Presence, Look> = {
  expected: { tone: 'neutral', icon: 'ring' },
  waiting: { tone: 'info', icon: 'clock' },
  present: { tone: 'success', icon: 'check' },
  interrupted: { tone: 'warning', icon: 'alert' },
  left: { tone: 'warning', icon: 'cross' },
}
export const presenceLook = (presence: Presence): Look => PRESENCE[presence]

type AnswerState = Schema<'AnswerCard'>['state']
const ANSWER: Record<AnswerState, Look> = {
  waiting: { tone: 'neutral', icon: 'clock' },
  listening: { tone: 'brand', icon: 'play' },
  affirmative: { tone: 'success', icon: 'check' },
  negative: { tone: 'warning', icon: 'cross' },
  unclear: { tone: 'warning', icon: 'question' },
  silent: { tone: 'warning', icon: 'question' },
  not_measured: { tone: 'neutral', icon: 'question' },
  overridden: { tone: 'info', icon: 'check' },
}
export const answerLook = (state: AnswerState): Look => ANSWER[state]

/** Bars of the connection quality: 0…5, null = not measured. */
export function qualityLook(score: number | null | undefined): Look & { word: 'good' | 'fair' | 'poor' | 'none' | 'unknown' } {
  if (score === null || score === undefined) return { tone: 'neutral', icon: 'question', word: 'unknown' }
  if (score >= 4) return { tone: 'success', icon: 'check', word: 'good' }
  if (score >= 2.5) return { tone: 'warning', icon: 'alert', word: 'fair' }
  if (score > 0) return { tone: 'warning', icon: 'alert', word: 'poor' }
  return { tone: 'danger', icon: 'cross', word: 'none' }
}
