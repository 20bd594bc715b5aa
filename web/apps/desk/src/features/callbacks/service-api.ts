/** Calls to make on policies in force, number lists, phone warnings, and quality sampling. */
import type { Schema } from '@dr/api'
import { api } from '../../shared/api'
import { PAGE_SIZE } from './api'

export type ServiceCallRow = Schema<'ServiceCallRow'>
export type ServiceCallDetail = Schema<'ServiceCallDetail'>
export type CallKind = ServiceCallRow['kind']
export type CallView = 'todo' | 'waiting' | 'number' | 'finished' | 'all'
export type CallOutcome = Schema<'ServiceCallResult'>['result']
export type NumberRow = Schema<'NumberRow'>
export type PhoneWarning = Schema<'PhoneWarningView'>
export type WarningOutcome = Schema<'PhoneWarningOutcome'>['outcome']
export type SampleRow = Schema<'SampleRow'>
export type SampleStatus = 'open' | 'passed' | 'failed'
export type CheckResult = 'pass' | 'fail' | 'not_applicable'

export const fetchServiceCalls = (filter: { q: string; view: CallView; kind?: CallKind; page: number }, signal?: AbortSignal) =>
  api.get('/api/v1/service-calls', { query: { ...filter, page_size: PAGE_SIZE }, signal })
export const fetchServiceCall = (call_id: string, signal?: AbortSignal) => api.get('/api/v1/service-calls/{call_id}', { path: { call_id }, signal })
export const sendResult = (call_id: string, body: { result: CallOutcome; answers: Record<string, string>; note: string; scan_id: string }) =>
  api.post('/api/v1/service-calls/{call_id}/result', { path: { call_id }, body })
export const sendNumber = (call_id: string, phone: string, note: string) => api.post('/api/v1/service-calls/{call_id}/number', { path: { call_id }, body: { phone, note } })

export const fetchNumbers = (org_code: string, signal?: AbortSignal) => api.get('/api/v1/callback-numbers', { query: { org_code }, signal })
export const numbersSheet = (org_code: string) => api.href('/api/v1/callback-numbers.xlsx', {}, { org_code })

export const fetchWarnings = (status: PhoneWarning['status'], page: number, signal?: AbortSignal) =>
  api.get('/api/v1/phone-warnings', { query: { status, page, page_size: PAGE_SIZE }, signal })
export const resolveWarning = (warning_id: string, outcome: WarningOutcome, note: string) =>
  api.post('/api/v1/phone-warnings/{warning_id}/resolve', { path: { warning_id }, body: { outcome, note } })

export const fetchSamples = (status: SampleStatus, page: number, signal?: AbortSignal) =>
  api.get('/api/v1/callback-samples', { query: { status, page, page_size: PAGE_SIZE }, signal })
export const fetchSamplingRules = (signal?: AbortSignal) => api.get('/api/v1/callback-samples/rules', { signal })
export const reviewSample = (sample_id: string, checks: Record<string, CheckResult>, note: string) =>
  api.post('/api/v1/callback-samples/{sample_id}/review', { path: { sample_id }, body: { checks, note } })

export type Report = Schema<'CallbackTask'>
export type ReportKind = 'compliance_report' | 'sales_report'
export type ReportStatus = 'open' | 'done'
export const fetchReports = (kind: ReportKind, status: ReportStatus, page: number, signal?: AbortSignal) =>
  api.get('/api/v1/callback-tasks', { query: { kind, status, page, page_size: PAGE_SIZE }, signal })
export const finishReport = (task_id: string, note: string) => api.post('/api/v1/callback-tasks/{task_id}/done', { path: { task_id }, body: { note } })
