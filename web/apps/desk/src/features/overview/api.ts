/** What an administrator has to do now, gathered from the pages where it is done. */
import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export interface Todo {
  key: 'pending' | 'sms' | 'draft' | 'down' | 'degraded' | 'off'
  words: Record<string, string | number>
  details: string[]
  to: { name: string; params?: Record<string, string | number>; query?: Record<string, string> }
}

export interface Overview {
  todos: Todo[]
  counts: Schema<'CasePage'>['counts']
  health: Schema<'HealthItem'>[]
}

export async function fetchOverview(signal: AbortSignal): Promise<Overview> {
  const [users, outbox, scripts, health, cases] = await Promise.all([
    api.get('/api/v1/admin/users', { query: { q: '', status: 'pending', page: 1, page_size: 5 }, signal }),
    api.get('/api/v1/admin/outbox', { query: { q: '', status: 'failed', page: 1, page_size: 1 }, signal }),
    api.get('/api/v1/talk-scripts', { signal }),
    api.get('/api/v1/admin/health', { signal }),
    api.get('/api/v1/cases', { query: { q: '', page: 1, page_size: 1 }, signal }),
  ])
  return { todos: todosOf(users, outbox.counts, scripts.items, health.items), counts: cases.counts, health: health.items }
}

/** The list, most urgent first. */
export function todosOf(users: Pick<Schema<'UserPage'>, 'items' | 'total'>, sms: Record<string, number>, scripts: Schema<'TalkScriptSummary'>[], health: Schema<'HealthItem'>[]): Todo[] {
  const todos: Todo[] = []
  const down = health.filter((item) => item.status === 'down')
  const degraded = health.filter((item) => item.status === 'degraded')
  const off = health.filter((item) => (item.status === 'off' || item.status === 'not_measured') && item.group !== 'notice')
  const lines = (items: Schema<'HealthItem'>[]) => items.map((item) => `${item.name}：${item.detail}`)
  if (down.length) todos.push({ key: 'down', words: { count: down.length }, details: lines(down), to: { name: 'health' } })
  if (degraded.length) todos.push({ key: 'degraded', words: { count: degraded.length }, details: lines(degraded), to: { name: 'health' } })
  if (users.total) todos.push({ key: 'pending', words: { count: users.total }, details: users.items.map((user) => `${user.display_name}（${user.login}）`), to: { name: 'users', query: { status: 'pending' } } })
  if (sms['failed']) todos.push({ key: 'sms', words: { count: sms['failed'] }, details: [], to: { name: 'outbox', query: { status: 'failed' } } })
  for (const script of scripts) {
    if (script.latest_version === script.published_version) continue
    todos.push({ key: 'draft', words: { title: script.title, latest: script.latest_version, current: script.published_version ?? '' }, details: [], to: { name: 'script', params: { key: script.key, version: script.latest_version } } })
  }
  if (off.length) todos.push({ key: 'off', words: { count: off.length }, details: lines(off), to: { name: 'health' } })
  return todos
}
