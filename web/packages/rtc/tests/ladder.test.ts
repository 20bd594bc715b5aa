import { describe, expect, it } from 'vitest'
import { Backoff, LinkWatch } from '../src'

const sample = (now: number, bytesSent: number, bytesReceived: number, iceState: RTCIceConnectionState = 'connected') => ({
  now,
  bytesSent,
  bytesReceived,
  iceState,
})

describe('LinkWatch', () => {
  it('asks for a repair after two silent seconds while sending', () => {
    const watch = new LinkWatch()
    let repairAt: number | null = null
    for (let now = 0; now <= 6000 && repairAt === null; now += 500) {
      const received = now <= 2000 ? now : 2000
      if (watch.observe(sample(now, now * 10, received))) repairAt = now
    }
    expect(repairAt).toBe(4000)
  })

  it('asks at once when ICE says disconnected', () => {
    const watch = new LinkWatch()
    expect(watch.observe(sample(0, 0, 0))).toBe(false)
    expect(watch.observe(sample(500, 10, 10, 'disconnected'))).toBe(true)
  })

  it('does not read silence as loss while nothing is sent', () => {
    const watch = new LinkWatch()
    for (let now = 0; now <= 30_000; now += 500) expect(watch.observe(sample(now, 100, 100))).toBe(false)
  })

  it('measures afresh after the page slept', () => {
    const watch = new LinkWatch()
    watch.observe(sample(0, 0, 0))
    watch.observe(sample(500, 100, 50))
    expect(watch.observe(sample(60_000, 200, 50))).toBe(false)
    expect(watch.observe(sample(60_500, 300, 50))).toBe(false)
    expect(watch.observe(sample(62_000, 400, 50))).toBe(true)
  })
})

describe('Backoff', () => {
  it('grows from 0.3 s to 3 s and begins anew after a success', () => {
    const backoff = new Backoff(300, 3000, () => 0)
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.delay())).toEqual([300, 600, 1200, 2400, 3000, 3000])
    backoff.reset()
    expect(backoff.delay()).toBe(300)
  })

  it('spreads attempts by at most a quarter', () => {
    const backoff = new Backoff(1000, 1000, () => 1)
    expect(backoff.delay()).toBe(750)
  })
})
