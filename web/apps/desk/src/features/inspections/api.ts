import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type Inspection = Schema<'InspectionView'>
export type Summary = Schema<'InspectionSummary'>
export type Recording = Schema<'RecordingView'>
export type Timeline = Schema<'Timeline'>
export type Transcript = Schema<'Transcript'>
export type Answer = Schema<'AnswerView'>
export type LedgerEntry = Schema<'LedgerEntry'>
export type Check = Schema<'CheckView'>
export type Source = Schema<'MediaSource'>
export type Ticket = Schema<'PlayTicket'>
export type NodeDecision = Schema<'NodeDecision'>
export type State = Summary['state']
export type Urgency = Summary['urgency']

export type Statistics = Schema<'InspectionStatistics'>
export type Inspector = Schema<'InspectorView'>

export const PAGE_SIZE = 50

export interface QueueFilter {
  state: string
  urgency: string
  reason: string
  q: string
  mine: string
}

export const fetchQueue = (filter: QueueFilter, cursor: string | undefined, signal?: AbortSignal) =>
  api.get('/api/v1/inspections', {
    query: {
      state: (filter.state === 'all' ? undefined : filter.state) as State | undefined,
      urgency: (filter.urgency || undefined) as Urgency | undefined,
      sampled_reason: filter.reason || undefined, q: filter.q || undefined, mine: filter.mine === 'yes', cursor, limit: PAGE_SIZE,
    },
    signal,
  })

const at = (inspection_id: string) => ({ path: { inspection_id } })
export const fetchInspection = (id: string, signal?: AbortSignal) => api.get('/api/v1/inspections/{inspection_id}', { ...at(id), signal })
/** Inspections of the case's other recordings, the newest first: what was rejected before, or what completed this one. */
export async function fetchOthers(one: Inspection, signal?: AbortSignal): Promise<Inspection[]> {
  const page = await api.get('/api/v1/inspections', { query: { q: one.case_id, mine: false, limit: PAGE_SIZE }, signal })
  const others = page.items.filter((item) => item.id !== one.id)
  const found = await Promise.all(others.map((item) => fetchInspection(item.id, signal)))
  return found.sort((a, b) => b.recorded_at.localeCompare(a.recorded_at))
}
export const lock = (id: string) => api.post('/api/v1/inspections/{inspection_id}/lock', at(id))
export const reportPlayed = (id: string, spans: Schema<'PlayedBody'>['spans']) => api.post('/api/v1/inspections/{inspection_id}/watched', { ...at(id), body: { spans } })
export const release = (id: string) => api.post('/api/v1/inspections/{inspection_id}/release', at(id))
export const decideNode = (id: string, body: NodeDecision) => api.put('/api/v1/inspections/{inspection_id}/nodes', { ...at(id), body })
export const pass = (id: string, body: Schema<'PassBody'>) => api.post('/api/v1/inspections/{inspection_id}/pass', { ...at(id), body })
export const reject = (id: string, body: Schema<'RejectBody'>) => api.post('/api/v1/inspections/{inspection_id}/reject', { ...at(id), body })
export const decideAppeal = (id: string, body: Schema<'AppealDecisionBody'>) => api.post('/api/v1/inspections/{inspection_id}/appeal-decision', { ...at(id), body })

const of = (recording_id: string, signal?: AbortSignal) => ({ path: { recording_id }, signal })
export const fetchRecording = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}', of(id, signal))
export const fetchTimeline = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/timeline', of(id, signal))
export const fetchTranscript = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/transcript', of(id, signal))
export const fetchAnswers = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/answers', of(id, signal))
export const fetchLedger = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/ledger', of(id, signal))
export const fetchChecks = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/checks', of(id, signal))
export const fetchAccesses = (id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}/accesses', of(id, signal))
export const openPlayer = (id: string) => api.post('/api/v1/recordings/{recording_id}/play', of(id))
export const verifyNow = (id: string) => api.post('/api/v1/recordings/{recording_id}/verify', of(id))
export const packageHref = (recording_id: string) => api.href('/api/v1/recordings/{recording_id}/package', { recording_id })

export const fetchStatistics = (since: string, until: string, signal?: AbortSignal) => api.get('/api/v1/inspections/statistics', { query: { since, until }, signal })
export const statisticsCsv = (since: string, until: string) => api.href('/api/v1/inspections/statistics.csv', {}, { since, until })
export const fetchInspectors = (signal?: AbortSignal) => api.get('/api/v1/inspections/inspectors', { signal })
export const assign = (inspection_ids: string[], inspector_id: string) => api.post('/api/v1/inspections/assign', { body: { inspection_ids, inspector_id } })
