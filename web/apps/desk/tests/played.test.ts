/** What counts as played: what the film ran through, each moment once; never what was jumped over. */
import { describe, expect, it } from 'vitest'
import { createPlayed, length, union } from '../src/features/inspections/played'

function run(played: ReturnType<typeof createPlayed>, from: number, to: number, by = 33): void {
  for (let t = from; t <= to; t += by) played.at(t)
}

describe('played', () => {
  it('is what the film ran through, not what was jumped over', () => {
    const played = createPlayed()
    run(played, 0, 3300)
    run(played, 60_000, 61_980)
    run(played, 1000, 1990)
    expect(played.take()).toEqual([{ t0_ms: 0, t1_ms: 3300 }, { t0_ms: 60_000, t1_ms: 61_980 }])
    expect(played.total()).toBe(3300 + 1980)
  })

  it('counts nothing of a film that stands still or is moved by hand', () => {
    const played = createPlayed()
    for (const t of [0, 5000, 10_000, 15_000, 15_000]) {
      played.at(t)
      played.pause()
    }
    expect(played.take()).toEqual([])
    expect(played.total()).toBe(0)
  })

  it('is told once and goes on where it was told, and again when telling failed', () => {
    const played = createPlayed()
    run(played, 0, 990)
    const first = played.take()
    expect(first).toEqual([{ t0_ms: 0, t1_ms: 990 }])
    expect(played.take()).toEqual([])
    run(played, 1023, 1980)
    played.putBack(first)
    expect(played.take()).toEqual([{ t0_ms: 0, t1_ms: 1980 }])
  })

  it('tells no more at a time than the server takes', () => {
    const played = createPlayed()
    for (let n = 0; n < 7; n += 1) run(played, n * 10_000, n * 10_000 + 330)
    expect(played.take(4)).toHaveLength(4)
    expect(played.take(4)).toHaveLength(3)
  })

  it('joins what touches without changing what it was given', () => {
    const spans = [{ t0_ms: 5, t1_ms: 9 }, { t0_ms: 0, t1_ms: 5 }, { t0_ms: 20, t1_ms: 30 }]
    expect(union(spans)).toEqual([{ t0_ms: 0, t1_ms: 9 }, { t0_ms: 20, t1_ms: 30 }])
    expect(spans[1]).toEqual({ t0_ms: 0, t1_ms: 5 })
    expect(length(union(spans))).toBe(19)
  })
})
