import { expect, it } from 'vitest'
import { NOT_MEASURED } from '../src'
import { countersOf, qualityBetween } from '../src/quality'

const report = (stats: object[]) => new Map(stats.map((stat, index) => [String(index), stat])) as unknown as RTCStatsReport

const counters = (timestamp: number, packetsSent: number, packetsLost: number, rtt: number | null, bytesSent = packetsSent * 1000) =>
  countersOf(
    report([
      { type: 'outbound-rtp', timestamp, packetsSent, bytesSent },
      { type: 'remote-inbound-rtp', timestamp, packetsLost, ...(rtt === null ? {} : { roundTripTime: rtt / 1000 }) },
    ]),
  )

it('is not measured without two samples, sent packets and a round trip', () => {
  expect(qualityBetween(null, counters(0, 0, 0, 20))).toEqual(NOT_MEASURED)
  expect(qualityBetween(counters(0, 0, 0, 20), counters(2000, 0, 0, 20)).score).toBeNull()
  expect(qualityBetween(counters(0, 0, 0, null), counters(2000, 300, 0, null)).score).toBeNull()
})

it('scores a clean line with five and tells its bitrate', () => {
  const quality = qualityBetween(counters(0, 0, 0, 30), counters(2000, 250, 0, 30))
  expect(quality).toEqual({ score: 5, loss: 0, rttMs: 30, bitrate: 1_000_000 })
})

it('takes the worse of loss and delay', () => {
  expect(qualityBetween(counters(0, 0, 0, 30), counters(2000, 90, 10, 30)).score).toBe(2)
  expect(qualityBetween(counters(0, 0, 0, 30), counters(2000, 100, 0, 700)).score).toBe(2)
})

it('does not measure across a new connection whose counters began anew', () => {
  expect(qualityBetween(counters(0, 500, 3, 30), counters(2000, 10, 0, 30))).toEqual(NOT_MEASURED)
})
