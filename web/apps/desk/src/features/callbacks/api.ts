import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type CallbackRow = Schema<'CallbackRow'>
export type CallbackDetail = Schema<'CallbackDetail'>
export type CallbackQuestion = Schema<'CallbackQuestion'>
export type CallbackState = Schema<'State'>
export type RecordedAnswer = Schema<'RecordedAnswer'>
export type KeptPageContent = Schema<'KeptPageContent'>
export type View = 'todo' | 'electronic' | 'finished' | 'all'
export type Answer = 'yes' | 'no'

export type DeskCommand =
  | { command: 'phone_result'; result: 'success' | 'problem' | 'no_answer' | 'refused' | 'wrong_number'; answers: Record<string, Answer>; note: string; from_phone: string | null }
  | { command: 'classify'; category: Schema<'Classify'>['category']; note: string }
  | { command: 'explained'; needs_visit: boolean; note: string }
  | { command: 'visit_form_returned' | 're_signed'; signed_by_policyholder: boolean; visitor_id: string; scan_id: string; note: string }
  | { command: 'verify_call'; is_confirmed: boolean; is_signature_genuine: boolean | null; note: string }
  | { command: 'number_confirmed'; phone: string | null; note: string }
  | { command: 'assign'; channel: 'visit' | 'letter'; note: string }
  | { command: 'visit_result' | 'letter_result'; reached: boolean; signed_by_policyholder: boolean; visitor_id: string; scan_id: string; answers: Record<string, Answer>; note: string }
  | { command: 'close'; reason: string; note: string }

export const PAGE_SIZE = 20

export interface CallbackFilter {
  q: string
  view: View
  state?: CallbackState
  category: string
  org_code: string
  since?: string
  until?: string
  page: number
}
export const fetchCallbacks = (filter: CallbackFilter, signal?: AbortSignal) => api.get('/api/v1/callbacks', { query: { ...filter, page_size: PAGE_SIZE }, signal })
export const fetchCallback = (callback_id: string, signal?: AbortSignal) => api.get('/api/v1/callbacks/{callback_id}', { path: { callback_id }, signal })
export const sendCommand = (callback_id: string, body: DeskCommand) => api.post('/api/v1/callbacks/{callback_id}/commands', { path: { callback_id }, body })
export const fetchPage = (callback_id: string, page_id: string) => api.get('/api/v1/callbacks/{callback_id}/pages/{page_id}', { path: { callback_id, page_id } })
export const playRecording = (recording_id: string) => api.post('/api/v1/recordings/{recording_id}/play', { path: { recording_id } })

export type CallbackFile = Schema<'CallbackFile'>
export type Purpose = Schema<'FormRequest'>['purpose']
export type Visitor = Schema<'Visitor'>

const blobOf = (file: File) => new Blob([file], { type: file.type || 'application/octet-stream' })
/** Where a file belongs: a callback or a service call. */
export interface FileOwner {
  callback_id?: string
  call_id?: string
}
const base = (owner: FileOwner) => (owner.callback_id ? '/api/v1/callbacks/{callback_id}' : '/api/v1/service-calls/{call_id}')
const ids = (owner: FileOwner): Record<string, string> => (owner.callback_id ? { callback_id: owner.callback_id } : { call_id: owner.call_id ?? '' })

export const uploadRecording = (owner: FileOwner, file: File) => api.upload<CallbackFile>('POST', `${base(owner)}/call-recordings`, blobOf(file), ids(owner))
export const uploadScan = (owner: FileOwner, purpose: Purpose, file: File) =>
  api.upload<CallbackFile>('POST', owner.callback_id ? `${base(owner)}/scans?purpose=${purpose}` : `${base(owner)}/scans`, blobOf(file), ids(owner))
export const makeForm = (callback_id: string, purpose: Purpose) => api.post('/api/v1/callbacks/{callback_id}/forms', { path: { callback_id }, body: { purpose } })
export const makeServiceLetter = (call_id: string) => api.post('/api/v1/service-calls/{call_id}/forms', { path: { call_id } })
export const fetchServiceFiles = (call_id: string, signal?: AbortSignal) => api.get('/api/v1/service-calls/{call_id}/files', { path: { call_id }, signal })
export const playFile = (file_id: string) => api.post('/api/v1/callback-files/{file_id}/play', { path: { file_id } })
export const fileHref = (file_id: string) => api.href('/api/v1/callback-files/{file_id}/content', { file_id })
export const evidenceHref = (callback_id: string) => api.href('/api/v1/callbacks/{callback_id}/evidence.zip', { callback_id })
export const fetchVisitors = (signal?: AbortSignal) => api.get('/api/v1/callback-visitors', { signal })

export type Statistics = Schema<'Statistics'>
export type RuleKind = 'rulebook' | 'questionnaire'
export type SamplePolicy = Schema<'SamplePolicy'>

export const fetchStatistics = (since: string, until: string, signal?: AbortSignal) => api.get('/api/v1/callback-statistics', { query: { since, until }, signal })
export const statisticsCsv = (since: string, until: string) => api.href('/api/v1/callback-statistics.csv', {}, { since, until })

export const statisticsSheet = (since: string, until: string) => api.href('/api/v1/callback-statistics.xlsx', {}, { since, until })

export async function fetchRules(signal?: AbortSignal) {
  const [rulebooks, questionnaires] = await Promise.all([api.get('/api/v1/callback-rulebooks', { signal }), api.get('/api/v1/callback-questionnaires', { signal })])
  return { rulebooks: rulebooks.items, questionnaires: questionnaires.items }
}
export const fetchRuleFields = (signal?: AbortSignal) => api.get('/api/v1/callback-rule-fields', { signal })
export const fetchRule = (kind: RuleKind, id: string, version: number) =>
  kind === 'rulebook'
    ? api.get('/api/v1/callback-rulebooks/{rulebook_id}/versions/{version}', { path: { rulebook_id: id, version: String(version) } })
    : api.get('/api/v1/callback-questionnaires/{questionnaire_id}/versions/{version}', { path: { questionnaire_id: id, version: String(version) } })
export const previewRulebook = (id: string, data: Record<string, unknown>, sample: SamplePolicy) =>
  api.post('/api/v1/callback-rulebooks/{rulebook_id}/preview', { path: { rulebook_id: id }, body: { data, sample } })
export const previewQuestionnaire = (id: string, data: Record<string, unknown>, sample: SamplePolicy) =>
  api.post('/api/v1/callback-questionnaires/{questionnaire_id}/preview', { path: { questionnaire_id: id }, body: { data, sample } })
export const publishRule = (kind: RuleKind, id: string, data: Record<string, unknown>, note: string, effective_from: string | null) =>
  kind === 'rulebook'
    ? api.post('/api/v1/callback-rulebooks/{rulebook_id}/versions', { path: { rulebook_id: id }, body: { data, note, effective_from } })
    : api.post('/api/v1/callback-questionnaires/{questionnaire_id}/versions', { path: { questionnaire_id: id }, body: { data, note, effective_from: null } })
