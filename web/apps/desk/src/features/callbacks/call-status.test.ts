import { describe, expect, it } from 'vitest'
import { waitOf } from './call-status'

const NOW = Date.parse('2026-03-02T02:00:00Z')
const call = { status: 'open', not_before: '2026-03-01T16:00:00Z', next_call_at: null, attempts: 0 } as const

describe('how an open service call stands', () => {
  it('is to be made, waits for its first day, or for the retry plan', () => {
    expect(waitOf(call, NOW)).toBe('open')
    expect(waitOf({ ...call, not_before: '2026-03-02T16:00:00Z' }, NOW)).toBe('not_yet')
    expect(waitOf({ ...call, attempts: 1, next_call_at: '2026-03-02T06:00:00Z' }, NOW)).toBe('again')
    expect(waitOf({ ...call, attempts: 1, next_call_at: '2026-03-02T01:00:00Z' }, NOW)).toBe('open')
  })
})
