import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type CustodyRow = Schema<'CustodyRow'>
export type CustodyState = CustodyRow['state']
export type Disposal = Schema<'DisposalView'>
export type DisposalSummary = Schema<'DisposalSummary'>
export const PAGE_SIZE = 50
export const STATES: CustodyState[] = ['held', 'pending', 'retained', 'due', 'listed', 'disposed']

export const fetchCustody = (filter: { state: string; q: string }, page: number, signal?: AbortSignal) =>
  api.get('/api/v1/custody/recordings', { query: { state: (filter.state || undefined) as CustodyState | undefined, q: filter.q, page, page_size: PAGE_SIZE }, signal })
export const fetchDisposals = (signal?: AbortSignal) => api.get('/api/v1/custody/disposals', { signal })
export const fetchDisposal = (disposal_id: string, signal?: AbortSignal) => api.get('/api/v1/custody/disposals/{disposal_id}', { path: { disposal_id }, signal })
export const proposeDisposal = (recording_ids: string[], reason: string) => api.post('/api/v1/custody/disposals', { body: { recording_ids, reason } })
export const approveDisposal = (disposal_id: string) => api.post('/api/v1/custody/disposals/{disposal_id}/approve', { path: { disposal_id } })
export const withdrawDisposal = (disposal_id: string, reason: string) => api.post('/api/v1/custody/disposals/{disposal_id}/withdraw', { path: { disposal_id }, body: { reason } })
