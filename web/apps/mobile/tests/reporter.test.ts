import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Reading, Reporter } from '../src/features/reader/reporter'

const reading = (page: number): Reading => ({ document_id: 'a', page, zoom: 1, visible: [0, 0, 1, 0.5] })

describe('Reporter', () => {
  let sent: { page: number; at: number }[]
  let isWatching: boolean
  let reporter: Reporter

  beforeEach(() => {
    vi.useFakeTimers()
    sent = []
    isWatching = true
    reporter = new Reporter(
      (value) => sent.push({ page: value.page, at: Date.now() - start }),
      () => isWatching,
      () => Date.now(),
    )
    const start = Date.now()
  })
  afterEach(() => {
    reporter.stop()
    vi.useRealTimers()
  })

  it('tells at once, then once a second', () => {
    reporter.show(reading(1))
    vi.advanceTimersByTime(3000)
    expect(sent.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000])
  })

  it('tells a change soon, but many changes not more than four times a second', () => {
    for (let page = 1; page <= 20; page += 1) {
      reporter.show(reading(page))
      vi.advanceTimersByTime(50)
    }
    expect(sent.length).toBeLessThanOrEqual(5)
    vi.advanceTimersByTime(300)
    expect(sent.at(-1)?.page).toBe(20)
  })

  it('is silent while nobody watches or no document is open', () => {
    isWatching = false
    reporter.show(reading(1))
    vi.advanceTimersByTime(5000)
    expect(sent).toEqual([])
    isWatching = true
    vi.advanceTimersByTime(1000)
    expect(sent.length).toBeGreaterThan(0)
    reporter.show(null)
    const count = sent.length
    vi.advanceTimersByTime(5000)
    expect(sent).toHaveLength(count)
  })
})
