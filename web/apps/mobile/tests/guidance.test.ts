import { describe, expect, it } from 'vitest'
import { isDone, nextDocument, nextStep, pagesLeft, progressOf } from '../src/features/reader/guidance'
import { stateOf } from '../src/features/reader/states'
import type { LedgerLine, SessionView } from '../src/features/room/wire'

function line(documentId: string, more: Partial<LedgerLine> = {}): LedgerLine {
  return {
    person_id: 'p1', name: '王秀英', document_id: documentId, document_name: documentId, needs: 'read', page_count: 3, is_opened: false, pages_seen: [], pages_at_bottom: [],
    is_title_enlarged: false, is_number_enlarged: null, dwell_ms: 0, min_dwell_ms: 3000, is_read: false, is_signed: false, signature_sha256: null, is_on_site_confirmed: false,
    is_complete: false, missing: ['DOCUMENT_NOT_OPENED'], ...more,
  }
}

const done = { is_opened: true, is_read: true, is_complete: true, missing: [], pages_seen: [1, 2, 3], pages_at_bottom: [1, 2, 3] }

function view(ledger: LedgerLine[]): SessionView {
  const ids = [...new Set(ledger.map((item) => item.document_id))]
  return { me: { person_ids: ['p1', 'p2'] }, ledger, documents: ids.map((id) => ({ document_id: id, name: id })) } as unknown as SessionView
}

describe('the next thing to do with a document', () => {
  it('goes from title to number to pages to waiting to signing', () => {
    const steps = [
      line('a', { missing: ['DOCUMENT_PAGES_UNSEEN', 'DOCUMENT_TITLE_NOT_ENLARGED', 'DOCUMENT_NUMBER_NOT_ENLARGED'] }),
      line('a', { missing: ['DOCUMENT_PAGES_UNSEEN', 'DOCUMENT_NUMBER_NOT_ENLARGED'] }),
      line('a', { missing: ['DOCUMENT_BOTTOM_NOT_REACHED'], pages_seen: [1, 2], pages_at_bottom: [1] }),
      line('a', { missing: ['DOCUMENT_DWELL_SHORT'], pages_seen: [1, 2, 3], pages_at_bottom: [1, 2, 3] }),
      line('a', { ...done, needs: 'sign', is_complete: false, missing: ['DOCUMENT_NOT_SIGNED'] }),
    ].map((item) => nextStep(view([item]), 'a'))
    expect(steps.map((step) => step.kind)).toEqual(['enlarge_title', 'enlarge_number', 'read_on', 'wait', 'sign'])
    expect(steps[2]).toEqual({ kind: 'read_on', page: 2 })
  })

  it('suggests the next unfinished document, then those skipped before, then nothing', () => {
    const ledger = [line('a'), line('b', done), line('c', done)]
    expect(nextStep(view(ledger), 'c')).toMatchObject({ kind: 'next_document', document: { document_id: 'a' } })
    expect(nextDocument(view(ledger), null)?.document_id).toBe('a')
    expect(nextStep(view([line('a', done), line('b', done)]), 'b')).toEqual({ kind: 'all_done' })
  })

  it('asks each person of a seat for a signature', () => {
    const read = { ...done, is_complete: false, needs: 'sign' as const, missing: ['DOCUMENT_NOT_SIGNED'] }
    const both = [line('a', { ...read, is_signed: true, is_complete: true }), line('a', { ...read, person_id: 'p2' })]
    expect(nextStep(view(both), 'a')).toMatchObject({ kind: 'sign', line: { person_id: 'p2' } })
    expect(isDone(view(both), 'a')).toBe(false)
  })

  it('does not count duties of other people', () => {
    expect(isDone(view([line('a', { person_id: 'p9', ...done })]), 'a')).toBe(false)
  })

  it('counts a page only when it was seen to its end', () => {
    const half = line('a', { pages_seen: [1, 2], pages_at_bottom: [2, 3] })
    expect(pagesLeft(half)).toEqual([1, 3])
    expect(progressOf(view([half]), 'a')).toBeCloseTo(1 / 3)
  })
})

describe('a document in one word', () => {
  it.each([
    [[], 'unread'],
    [[line('a')], 'unread'],
    [[line('a', { is_opened: true })], 'reading'],
    [[line('a', { ...done, needs: 'sign', is_complete: false })], 'to_sign'],
    [[line('a', done)], 'read'],
    [[line('a', { ...done, needs: 'sign', is_signed: true })], 'signed'],
  ] as const)('%#', (lines, state) => {
    expect(stateOf(lines)).toBe(state)
  })
})
