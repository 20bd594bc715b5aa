/** The customer's way as the server lays it out: which step a page is, and what will be done, in words. */
import { exactTime } from '@dr/ui'
import type { CallbackEntry, Step, WaitingPolicy } from './api'

export type Page = 'loading' | 'broken' | 'entry' | 'face' | 'code' | 'policies' | 'notice' | 'questions' | 'confirm' | 'result'

const STEP: Partial<Record<Page, Step>> = { face: 'identity', code: 'identity', policies: 'policy', notice: 'notice', questions: 'questions' }

/** The number of a page's step, 0 where it is none. The page after the questions confirms or signs, by the rulebook. */
export function stepOf(page: Page, steps: Step[]): number {
  if (page === 'entry') return steps.length ? 1 : 0
  const name = page === 'confirm' ? steps.find((one) => one === 'confirm' || one === 'signature') : STEP[page]
  return name ? steps.indexOf(name) + 1 : 0
}

/** How identity will be proven: by the face, unless there is nothing to compare with. */
export const methodOf = (entry: Pick<CallbackEntry, 'method' | 'can_measure'>): 'face' | 'code' => (entry.method === 'face' && entry.can_measure ? 'face' : 'code')

/** Until when the callback can be done on the phone; null where it may be done late, beside the phone desk (its time is over). */
export function deadlineOf({ state, window_ends_at }: Pick<WaitingPolicy, 'state' | 'window_ends_at'>): string | null {
  if (state === 'phone' || state === 'phone_failed') return null
  return exactTime(new Date(new Date(window_ends_at).getTime() - 1000).toISOString()).slice(0, 16)
}

/** The texts of what the customer will do, as keys below `callback.will`. */
export function willOf(entry: Pick<CallbackEntry, 'method' | 'can_measure' | 'steps' | 'min_answer_seconds'>): string[] {
  const last = entry.steps.filter((step) => step === 'confirm' || step === 'signature')
  const notice = entry.steps.includes('notice') ? ['notice'] : []
  const first = entry.steps[0] === 'notice' ? [...notice, methodOf(entry)] : [methodOf(entry), ...notice]
  return [...first, entry.min_answer_seconds ? 'answer_slowly' : 'answer', ...last]
}
