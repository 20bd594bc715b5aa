/** How the media panel looks: states of workers, sizes. */
import type { Schema } from '@dr/api'
import type { IconName, Tone } from '@dr/ui'

export const WORKER_LOOK: Record<Schema<'MediaWorker'>['state'], { tone: Tone; icon: IconName }> = {
  up: { tone: 'success', icon: 'check' },
  draining: { tone: 'warning', icon: 'clock' },
  full: { tone: 'warning', icon: 'alert' },
  disk_low: { tone: 'danger', icon: 'alert' },
  unwatched: { tone: 'warning', icon: 'alert' },
  away: { tone: 'danger', icon: 'cross' },
  lost: { tone: 'danger', icon: 'cross' },
}

/** A share of one core as people read it. */
export const share = (value: number) => `${Math.round(value * 100)}%`

/** Bytes as `12.3 GiB`, small ones as `4.5 MiB`. */
export function gib(bytes: number | null): string {
  if (bytes === null) return '—'
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** What waits in a worker, only what is not empty: events by number, the rest in bytes. */
export function queueParts(queues: Schema<'WorkerQueues'> | null): { name: keyof Schema<'WorkerQueues'>; size: string }[] {
  if (queues === null) return []
  return (['writer_bytes', 'tap_bytes', 'rpc_events'] as const)
    .filter((name) => queues[name] > 0)
    .map((name) => ({ name, size: name === 'rpc_events' ? String(queues[name]) : gib(queues[name]) }))
}

/** Which share of what was sent never came; null when nothing came at all. */
export const lossShare = (lost: number, packets: number) => (packets + lost > 0 ? `${((lost * 100) / (packets + lost)).toFixed(1)}%` : '—')

/** Milliseconds as `3.2 s`; null was not measured. */
export const seconds = (ms: number | null) => (ms === null ? '未测量' : `${(ms / 1000).toFixed(1)} s`)
