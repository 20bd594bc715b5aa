import { describe, expect, it } from 'vitest'
import { gib, share } from '../src/features/health/media'
import { linkWord, percent } from '../src/features/inspections/quality'

describe('figures of media', () => {
  it('shows sizes in the unit that fits and never invents one', () => {
    expect(gib(2.5 * 2 ** 30)).toBe('2.5 GiB')
    expect(gib(22 * 2 ** 20)).toBe('22.0 MiB')
    expect(gib(null)).toBe('—')
    expect(share(0.695)).toBe('70%')
  })
  it('tells not measured from nothing lost', () => {
    expect(percent(null)).toBe('未测量')
    expect(percent(0)).toBe('0%')
    expect(percent(0.012)).toBe('1.2%')
    expect(linkWord(null)).toBe('unknown')
    expect([5, 4, 3.9, 3, 2.9, 0].map(linkWord)).toEqual(['good', 'good', 'fair', 'fair', 'poor', 'poor'])
  })
})
