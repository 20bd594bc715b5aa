import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type CaseState = Schema<'CaseState'>

export interface CaseFilter {
  q: string
  states: CaseState[]
  page: number
}

export const PAGE_SIZE = 20

export const fetchCases = ({ q, states, page }: CaseFilter, signal?: AbortSignal) =>
  api.get('/api/v1/cases', { query: { q, state: states, page, page_size: PAGE_SIZE }, signal })
export const fetchCase = (case_id: string, signal?: AbortSignal) => api.get('/api/v1/cases/{case_id}', { path: { case_id }, signal })
export const createCase = (proposal_no: string) => api.post('/api/v1/cases', { body: { proposal_no } })
export const cancelCase = (case_id: string, reason: string) => api.post('/api/v1/cases/{case_id}/cancel', { path: { case_id }, body: { reason } })
export const startSupplementary = (case_id: string) => api.post('/api/v1/cases/{case_id}/supplementary', { path: { case_id } })
export const setLocation = (case_id: string, participant_id: string, location: 'same_place' | 'remote') =>
  api.patch('/api/v1/cases/{case_id}/participants/{participant_id}', { path: { case_id, participant_id }, body: { location } })

export const fetchProposals = (q: string, page: number, signal?: AbortSignal) =>
  api.get('/api/v1/proposals', { query: { q, without_case: true, page, page_size: PAGE_SIZE }, signal })
export const fetchProposal = (proposal_no: string, signal?: AbortSignal) => api.get('/api/v1/proposals/{proposal_no}', { path: { proposal_no }, signal })

export const fetchSessions = (case_id: string, signal?: AbortSignal) => api.get('/api/v1/cases/{case_id}/sessions', { path: { case_id }, signal })
export const fetchSession = (session_id: string, signal?: AbortSignal) => api.get('/api/v1/sessions/{session_id}', { path: { session_id }, signal })
/** The server knows which recording a supplementary one completes. */
export const createSession = (case_id: string) =>
  api.post('/api/v1/cases/{case_id}/session', { path: { case_id }, body: { mode: 'audio_visual', supplements_recording_id: null } })
export const renewCode = (session_id: string) => api.post('/api/v1/sessions/{session_id}/code', { path: { session_id } })

export const fetchRecordings = (case_id: string, signal?: AbortSignal) => api.get('/api/v1/recordings', { query: { case_id, limit: 20 }, signal })
export const fetchRecording = (recording_id: string, signal?: AbortSignal) => api.get('/api/v1/recordings/{recording_id}', { path: { recording_id }, signal })
