/** How a customer came to a policy: by the link from an SMS, or from the web entry. Both give a ticket for the identity check. */
import { ApiProblem } from '@dr/api'
import { openLink } from '../../shared/link'

const KEY = 'dr.entry.policy'

/** The web entry hands a policy over; a reload of the page keeps it. */
export function handOver(ticket: string): void {
  sessionStorage.setItem(KEY, ticket)
}

/** A fresh ticket of the link, or the one the web entry gave. A link in the address always wins. */
export async function openDoor(): Promise<string> {
  const hasLink = new URLSearchParams(window.location.hash.slice(1)).has('k')
  if (hasLink) sessionStorage.removeItem(KEY)
  return sessionStorage.getItem(KEY) ?? (await openLink('callback_link'))
}

export const isFromEntry = (): boolean => sessionStorage.getItem(KEY) !== null

/** The key of the link that could not be opened, kept for asking for a fresh one. */
export function keyInAddress(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get('k') ?? ''
}

export function isDeadLink(error: unknown): boolean {
  return error instanceof ApiProblem && (error.code === 'LINK_EXPIRED' || error.code === 'LINK_INVALID')
}
