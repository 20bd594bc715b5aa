/**
 * Pages opened by a link from an SMS (`/m/<page>#k=<key>`). The key stands in the fragment, which browsers send to no server; it
 * is taken out of the address bar at once, kept in this tab for reloads, and exchanged for a short ticket.
 */
import { ApiProblem } from '@dr/api'
import { publicApi } from './client'

/** A ticket for the page of this scope. Throws the problem `LINK_INVALID`, `LINK_EXPIRED`, … */
export async function openLink(scope: string): Promise<string> {
  const stored = `dr.link.${scope}`
  const key = new URLSearchParams(window.location.hash.slice(1)).get('k') ?? sessionStorage.getItem(stored) ?? ''
  if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
  const invalid = new ApiProblem({ status: 401, code: 'LINK_INVALID', retryable: false, params: {} })
  if (!key) throw invalid
  const opened = await publicApi.post('/api/v1/customer/tickets', { body: { key } })
  if (opened.scope !== scope) throw invalid
  sessionStorage.setItem(stored, key)
  return opened.ticket
}
