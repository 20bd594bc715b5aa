import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type CalendarDays = Schema<'CalendarDays'>
export type CalendarYear = Schema<'CalendarYear'>
export type CalendarPreview = Schema<'CalendarPreview'>
export type CalendarFault = Schema<'CalendarFaultView'>
/** `w` worked, `m` a weekend day that is worked, `e` weekend, `h` a weekday off, `o` a weekend day inside a holiday. */
export type DayKind = 'w' | 'm' | 'e' | 'h' | 'o'

const path = (year: number) => ({ path: { year: String(year) } })

export const fetchYears = (signal?: AbortSignal) => api.get('/api/v1/workday-calendar', { signal })
export const fetchYear = (year: number, signal?: AbortSignal) => api.get('/api/v1/workday-calendar/{year}', { ...path(year), signal })
export const previewYear = (year: number, body: CalendarDays) => api.post('/api/v1/workday-calendar/{year}/preview', { ...path(year), body })
export const readText = (year: number, text: string) => api.post('/api/v1/workday-calendar/{year}/text', { ...path(year), body: { text } })
export const publishYear = (year: number, body: CalendarDays & { note: string; base_version: number }) => api.post('/api/v1/workday-calendar/{year}/versions', { ...path(year), body })
