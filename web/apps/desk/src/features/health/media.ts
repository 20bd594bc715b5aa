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
