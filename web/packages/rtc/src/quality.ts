/** Quality of the own connection from two samples of `getStats`, as five bars people understand. */
export interface QualityCounters {
  readonly packetsSent: number
  readonly packetsLost: number
  readonly bytesSent: number
  readonly rttMs: number | null
  readonly timestamp: number
}

export interface Quality {
  /** 0 (nothing goes through) … 5 (clean); null = not measured yet. */
  readonly score: number | null
  readonly loss: number | null
  readonly rttMs: number | null
  readonly bitrate: number | null
}

export const NOT_MEASURED: Quality = { score: null, loss: null, rttMs: null, bitrate: null }

/** Sum what the quality needs out of a stats report. */
export function countersOf(report: RTCStatsReport): QualityCounters {
  let packetsSent = 0
  let bytesSent = 0
  let packetsLost = 0
  let rttMs: number | null = null
  let timestamp = 0
  report.forEach((raw) => {
    const stat = raw as Record<string, unknown> & { type: string; timestamp: number }
    timestamp = Math.max(timestamp, stat.timestamp)
    if (stat.type === 'outbound-rtp') {
      packetsSent += number(stat['packetsSent'])
      bytesSent += number(stat['bytesSent'])
    } else if (stat.type === 'remote-inbound-rtp') {
      packetsLost += Math.max(0, number(stat['packetsLost']))
      if (typeof stat['roundTripTime'] === 'number') rttMs = Math.max(rttMs ?? 0, stat['roundTripTime'] * 1000)
    } else if (stat.type === 'candidate-pair' && stat['nominated'] && rttMs === null) {
      if (typeof stat['currentRoundTripTime'] === 'number') rttMs = stat['currentRoundTripTime'] * 1000
    }
  })
  return { packetsSent, packetsLost, bytesSent, rttMs, timestamp }
}

/** Quality between two samples. */
export function qualityBetween(before: QualityCounters | null, now: QualityCounters): Quality {
  if (before === null || now.timestamp <= before.timestamp) return NOT_MEASURED
  const seconds = (now.timestamp - before.timestamp) / 1000
  const sent = now.packetsSent - before.packetsSent
  if (sent < 0) return NOT_MEASURED
  const lost = Math.max(0, now.packetsLost - before.packetsLost)
  const loss = sent + lost > 0 ? lost / (sent + lost) : null
  const bitrate = ((now.bytesSent - before.bytesSent) * 8) / seconds
  return { score: scoreOf(loss, now.rttMs), loss, rttMs: now.rttMs, bitrate }
}

function scoreOf(loss: number | null, rttMs: number | null): number | null {
  if (loss === null || rttMs === null) return null
  const byLoss = loss < 0.01 ? 5 : loss < 0.03 ? 4 : loss < 0.08 ? 3 : loss < 0.2 ? 2 : 1
  const byRtt = rttMs < 150 ? 5 : rttMs < 300 ? 4 : rttMs < 600 ? 3 : rttMs < 1200 ? 2 : 1
  return Math.min(byLoss, byRtt)
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
