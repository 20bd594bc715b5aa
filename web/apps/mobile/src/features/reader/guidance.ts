/** What a document still needs, as the next thing to do. The server decides what is missing; this only puts it in order. */
import type { DocumentInView, LedgerLine, SessionView } from '../room/wire'

export type NextStep =
  | { kind: 'enlarge_title' }
  | { kind: 'enlarge_number' }
  | { kind: 'read_on'; page: number }
  | { kind: 'wait' }
  | { kind: 'sign'; line: LedgerLine }
  | { kind: 'next_document'; document: DocumentInView }
  | { kind: 'all_done' }

/** My lines of the ledger: one for each person I stand for. */
export function myLines(view: SessionView, documentId?: string): LedgerLine[] {
  return view.ledger.filter((line) => view.me.person_ids.includes(line.person_id) && (documentId === undefined || line.document_id === documentId))
}

/** The documents I have duties in, in their order. */
export function myDocuments(view: SessionView): DocumentInView[] {
  const mine = new Set(myLines(view).map((line) => line.document_id))
  return view.documents.filter((document) => mine.size === 0 || mine.has(document.document_id))
}

export function isDone(view: SessionView, documentId: string): boolean {
  const lines = myLines(view, documentId)
  return lines.length > 0 && lines.every((line) => line.is_complete)
}

/** The next document with something left, after the given one and then from the top. */
export function nextDocument(view: SessionView, afterId: string | null): DocumentInView | null {
  const documents = myDocuments(view)
  const from = documents.findIndex((document) => document.document_id === afterId) + 1
  const ordered = [...documents.slice(from), ...documents.slice(0, from)]
  return ordered.find((document) => document.document_id !== afterId && !isDone(view, document.document_id)) ?? null
}

/** Pages of a document that still have to be seen to their end. */
export function pagesLeft(line: LedgerLine): number[] {
  const done = new Set(line.pages_seen.filter((page) => line.pages_at_bottom.includes(page)))
  return Array.from({ length: line.page_count }, (_, index) => index + 1).filter((page) => !done.has(page))
}

export function nextStep(view: SessionView, documentId: string): NextStep {
  const lines = myLines(view, documentId)
  const unread = lines.find((line) => !line.is_read && !line.is_on_site_confirmed)
  if (unread) {
    if (unread.missing.includes('DOCUMENT_TITLE_NOT_ENLARGED')) return { kind: 'enlarge_title' }
    if (unread.missing.includes('DOCUMENT_NUMBER_NOT_ENLARGED')) return { kind: 'enlarge_number' }
    const page = pagesLeft(unread)[0]
    return page === undefined ? { kind: 'wait' } : { kind: 'read_on', page }
  }
  const unsigned = lines.find((line) => line.needs === 'sign' && !line.is_signed && !line.is_complete)
  if (unsigned) return { kind: 'sign', line: unsigned }
  const document = nextDocument(view, documentId)
  return document ? { kind: 'next_document', document } : { kind: 'all_done' }
}

/** 0…1: how much of the pages reached their end. */
export function progressOf(view: SessionView, documentId: string): number {
  const lines = myLines(view, documentId)
  const line = lines.find((item) => !item.is_complete) ?? lines[0]
  if (!line || line.page_count === 0) return 0
  return 1 - pagesLeft(line).length / line.page_count
}

/** Milliseconds the document has still to be on screen. */
export function dwellLeft(view: SessionView, documentId: string): number {
  return Math.max(0, ...myLines(view, documentId).map((line) => line.min_dwell_ms - line.dwell_ms))
}
