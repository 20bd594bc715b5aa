/** How custody states look: every state has an icon and a word beside its colour. */
import type { IconName, Tone } from '@dr/ui'
import type { CustodyState, DisposalSummary } from './api'

export const CUSTODY: Record<CustodyState, { tone: Tone; icon: IconName }> = {
  held: { tone: 'brand', icon: 'lock' },
  pending: { tone: 'info', icon: 'refresh' },
  retained: { tone: 'success', icon: 'clock' },
  due: { tone: 'warning', icon: 'alert' },
  listed: { tone: 'info', icon: 'ring' },
  disposed: { tone: 'neutral', icon: 'cross' },
}

export const DISPOSAL: Record<DisposalSummary['state'], { tone: Tone; icon: IconName }> = {
  proposed: { tone: 'warning', icon: 'clock' },
  approved: { tone: 'info', icon: 'refresh' },
  done: { tone: 'success', icon: 'check' },
  failed: { tone: 'danger', icon: 'alert' },
  withdrawn: { tone: 'neutral', icon: 'cross' },
}

export const ITEM: Record<'planned' | 'deleted' | 'refused', { tone: Tone; icon: IconName }> = {
  planned: { tone: 'neutral', icon: 'ring' },
  deleted: { tone: 'success', icon: 'check' },
  refused: { tone: 'warning', icon: 'lock' },
}
