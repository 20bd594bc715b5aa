/** Scores of a connection in words: 4 and more good, 3 fair, below poor; null was not measured. */
import type { IconName, Tone } from '@dr/ui'

export type LinkWord = 'good' | 'fair' | 'poor' | 'unknown'

const LOOK: Record<LinkWord, { tone: Tone; icon: IconName }> = {
  good: { tone: 'success', icon: 'check' },
  fair: { tone: 'warning', icon: 'alert' },
  poor: { tone: 'danger', icon: 'cross' },
  unknown: { tone: 'neutral', icon: 'question' },
}

export function linkWord(score: number | null): LinkWord {
  if (score === null) return 'unknown'
  return score >= 4 ? 'good' : score >= 3 ? 'fair' : 'poor'
}

export const linkLook = (score: number | null) => LOOK[linkWord(score)]

/** A share as people read it; null was not measured. */
export const percent = (value: number | null) => (value === null ? '未测量' : `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)}%`)
