/** What became of a case after the call: the inspection's verdicts and the callback. */
import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export interface Outcome {
  inspections: Schema<'InspectionView'>[]
}

type Optional = <T>(part: Promise<T>, absent: T) => Promise<T>

const INSPECTED = new Set(['passed', 'rejected', 'supplementary', 'in_session', 'finalising', 'pending_inspection', 'in_inspection'])

export async function fetchOutcomes(view: Schema<'CaseView'>, optional: Optional, signal: AbortSignal): Promise<Outcome> {
  if (!INSPECTED.has(view.state)) return { inspections: [] }
  const page = await optional(api.get('/api/v1/inspections', { query: { q: view.id }, signal }), null)
  const decided = page?.items.filter((item) => item.decided_at !== null || item.round > 1) ?? []
  const inspections = await Promise.all(decided.map((item) => optional(api.get('/api/v1/inspections/{inspection_id}', { path: { inspection_id: item.id }, signal }), null)))
  const found = inspections.filter((item) => item !== null)
  return { inspections: found.sort((a, b) => b.recorded_at.localeCompare(a.recorded_at)) }
}

export const appeal = (inspection_id: string, text: string) => api.post('/api/v1/inspections/{inspection_id}/appeal', { path: { inspection_id }, body: { text } })
