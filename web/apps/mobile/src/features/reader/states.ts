/** A document's state in one word, from my lines of the ledger. */
import type { LedgerLine } from '../room/wire'

export type DocumentState = 'unread' | 'reading' | 'to_sign' | 'read' | 'signed'

export function stateOf(lines: readonly LedgerLine[]): DocumentState {
  if (lines.length > 0 && lines.every((line) => line.is_complete)) return lines.some((line) => line.is_signed) ? 'signed' : 'read'
  if (lines.some((line) => line.needs === 'sign') && lines.every((line) => line.is_read)) return 'to_sign'
  return lines.some((line) => line.is_opened) ? 'reading' : 'unread'
}
