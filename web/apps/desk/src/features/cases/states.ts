/** How a case's state looks, and the groups of the list's filter. */
import type { Schema } from '@dr/api'
import type { IconName, Tone } from '@dr/ui'

type CaseState = Schema<'CaseState'>

export const STATE_LOOK: Record<CaseState, { tone: Tone; icon: IconName }> = {
  draft: { tone: 'neutral', icon: 'ring' },
  identity_pending: { tone: 'warning', icon: 'alert' },
  ready: { tone: 'brand', icon: 'play' },
  in_session: { tone: 'brand', icon: 'dot' },
  finalising: { tone: 'info', icon: 'refresh' },
  pending_inspection: { tone: 'info', icon: 'clock' },
  in_inspection: { tone: 'info', icon: 'clock' },
  passed: { tone: 'success', icon: 'check' },
  rejected: { tone: 'warning', icon: 'alert' },
  supplementary: { tone: 'warning', icon: 'refresh' },
  declined: { tone: 'neutral', icon: 'cross' },
  cancelled: { tone: 'neutral', icon: 'cross' },
}

export const GROUPS = {
  all: [],
  capture: ['draft', 'identity_pending'],
  ready: ['ready', 'supplementary'],
  live: ['in_session'],
  processing: ['finalising', 'pending_inspection', 'in_inspection'],
  rejected: ['rejected'],
  passed: ['passed'],
  closed: ['declined', 'cancelled'],
} as const satisfies Record<string, readonly CaseState[]>

export type Group = keyof typeof GROUPS
export const GROUP_NAMES = Object.keys(GROUPS) as Group[]

export const isGroup = (value: string): value is Group => value in GROUPS

/** How many cases a group holds, from the counts per state. */
export function countOf(group: Group, counts: Partial<Record<CaseState, number>>): number {
  const states: readonly CaseState[] = group === 'all' ? (Object.keys(counts) as CaseState[]) : GROUPS[group]
  return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

/** The one thing the agent does next; the page shows it above everything else. */
export type NextStep = 'capture' | 'documents' | 'create_session' | 'supplementary' | 'enter_room' | 'in_lobby' | 'recording' | 'return_room' | 'in_session' | 'processing' | 'inspection' | 'rejected' | 'passed' | 'declined' | 'cancelled'

type Live = Pick<Schema<'SessionView'>, 'phase'> & { people: Pick<Schema<'SessionView'>['people'][number], 'kind' | 'presence'>[] }

/** What the agent does in a session that runs: it depends on whether it records and on whether they are in the room. */
function sessionStepOf(live: Live | null, isOwn: boolean): NextStep {
  if (!isOwn) return 'in_session'
  const isIn = live?.people.some((person) => person.kind === 'agent' && person.presence === 'present') ?? false
  if (live?.phase === 'recording') return isIn ? 'recording' : 'return_room'
  return isIn ? 'in_lobby' : 'enter_room'
}

export function nextStepOf(view: Pick<Schema<'CaseView'>, 'state' | 'blocked_by' | 'is_supplementary' | 'allowed_actions'>, live: Live | null): NextStep {
  switch (view.state) {
    case 'draft':
    case 'identity_pending':
      return 'capture'
    case 'ready':
    case 'supplementary':
      if (view.blocked_by.includes('IDENTITY_INCOMPLETE')) return 'capture'
      if (view.blocked_by.includes('DOCUMENT_MISSING')) return 'documents'
      return view.is_supplementary ? 'supplementary' : 'create_session'
    case 'in_session':
      return sessionStepOf(live, view.allowed_actions.includes('enter_room'))
    case 'finalising':
      return 'processing'
    case 'pending_inspection':
    case 'in_inspection':
      return 'inspection'
    default:
      return view.state
  }
}

/** What a person reads of an event's note: a code in words, what somebody wrote as it stands. */
export function noteText(note: string, t: (key: string) => string, te: (key: string) => boolean): string {
  return te(`cases.note.${note}`) ? t(`cases.note.${note}`) : note
}
