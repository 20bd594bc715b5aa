/** Calls of the callback pages. The link's ticket opens the identity check alone; passing it gives the ticket of everything else. */
import type { Schema } from '@dr/api'
import { apiWith, publicApi } from '../../shared/client'
import type { Stroke } from '../reader/signature'

export type CallbackEntry = Schema<'CallbackEntry'>
export type Blocked = Schema<'Blocked'>
export type IdentityResult = Schema<'IdentityResult'>
export type Challenge = Schema<'ChallengeView'>
export type ChallengeStep = Schema<'ChallengeStep'>
export type ChallengeKind = Challenge['kind']
export type WaitingPolicy = Schema<'WaitingPolicy'>
export type NoticeView = Schema<'NoticeView'>
export type QuestionnaireView = Schema<'QuestionnaireView'>
export type ConfirmView = Schema<'ConfirmView'>
export type ResultView = Schema<'ResultView'>
export type PolicyHeader = Schema<'PolicyHeader'>
export type Answer = 'yes' | 'no'
export type Step = CallbackEntry['steps'][number]

const BASE = '/api/v1/customer/callback'

export const showEntry = (ticket: string) => apiWith(ticket).get(BASE)
export const tickEntryNotice = (ticket: string) => apiWith(ticket).post(`${BASE}/notice`, { body: { is_confirmed: true } })
export const newChallenge = (ticket: string, kind: ChallengeKind) => apiWith(ticket).post(`${BASE}/identity/challenge`, { body: { kind } })
export const checkFace = (ticket: string, challengeId: string, video: Blob) =>
  apiWith(ticket).upload<IdentityResult>('POST', `${BASE}/identity/face/${encodeURIComponent(challengeId)}`, video)
export const renewLink = (key: string) => publicApi.post(`${BASE}/renew-link`, { body: { key } })
export const sendCode = (ticket: string) => apiWith(ticket).post(`${BASE}/identity/code`)
export const checkCode = (ticket: string, code: string) => apiWith(ticket).post(`${BASE}/identity/code/check`, { body: { code } })

export const listPolicies = (ticket: string) => apiWith(ticket).get(`${BASE}/policies`)
export const begin = (ticket: string, id: string) => apiWith(ticket).post(`${BASE}/policies/{callback_id}/begin`, { path: { callback_id: id } })
export const tickNotice = (ticket: string, id: string) =>
  apiWith(ticket).post(`${BASE}/policies/{callback_id}/notice`, { path: { callback_id: id }, body: { is_confirmed: true } })
export const submit = (ticket: string, id: string, answers: Record<string, Answer>, remark: string) =>
  apiWith(ticket).post(`${BASE}/policies/{callback_id}/answers`, { path: { callback_id: id }, body: { answers, remark } })
export const edit = (ticket: string, id: string) => apiWith(ticket).post(`${BASE}/policies/{callback_id}/edit`, { path: { callback_id: id } })
export const sign = (ticket: string, id: string, strokes: Stroke[]) =>
  apiWith(ticket).post(`${BASE}/policies/{callback_id}/signature`, { path: { callback_id: id }, body: { strokes } })
export const confirm = (ticket: string, id: string) => apiWith(ticket).post(`${BASE}/policies/{callback_id}/confirm`, { path: { callback_id: id } })
export const abort = (ticket: string, id: string) => apiWith(ticket).post(`${BASE}/policies/{callback_id}/abort`, { path: { callback_id: id } })

/** Leaving keeps no draft. `keepalive` lets the request outlive the page. */
export function leave(ticket: string): Promise<unknown> {
  return fetch(`${BASE}/leave`, { method: 'POST', headers: { Authorization: `Bearer ${ticket}` }, credentials: 'omit', keepalive: true }).catch(() => undefined)
}
