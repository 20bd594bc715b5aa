import { api } from '../../shared/api'
import type { ScriptContent } from './content'

export const fetchScripts = (signal?: AbortSignal) => api.get('/api/v1/talk-scripts', { signal })
export const fetchVersions = (key: string, signal?: AbortSignal) => api.get('/api/v1/talk-scripts/{key}/versions', { path: { key }, signal })
export const fetchVersion = (key: string, version: number, signal?: AbortSignal) =>
  api.get('/api/v1/talk-scripts/{key}/versions/{version}', { path: { key, version: String(version) }, signal })
export const addVersion = (key: string, content: ScriptContent, note: string) =>
  api.post('/api/v1/talk-scripts/{key}/versions', { path: { key }, body: { content: content as unknown as Record<string, unknown>, note } })
export const publish = (key: string, version: number) =>
  api.post('/api/v1/talk-scripts/{key}/versions/{version}/publish', { path: { key, version: String(version) }, body: {} })
export const fetchDiff = (key: string, version: number, against: number, signal?: AbortSignal) =>
  api.get('/api/v1/talk-scripts/{key}/versions/{version}/diff', { path: { key, version: String(version) }, query: { against }, signal })
