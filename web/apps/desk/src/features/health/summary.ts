/** The health page's order and its one-line summary. Not measured and off are told apart from up. */
import type { Schema } from '@dr/api'
import type { IconName, Tone } from '@dr/ui'

export type Item = Schema<'HealthItem'>
export type Status = Item['status']

export const LOOK: Record<Status, { tone: Tone; icon: IconName }> = {
  up: { tone: 'success', icon: 'check' },
  degraded: { tone: 'warning', icon: 'alert' },
  down: { tone: 'danger', icon: 'cross' },
  off: { tone: 'neutral', icon: 'ring' },
  not_measured: { tone: 'neutral', icon: 'question' },
}

const ORDER: Item['group'][] = ['process', 'worker', 'engine', 'model', 'store', 'notice']

export function byGroup(items: Item[]): { group: Item['group']; items: Item[] }[] {
  return ORDER.map((group) => ({ group, items: items.filter((item) => item.group === group) })).filter((part) => part.items.length > 0)
}

/** An alarm that stands, as a status: the page's headline is never better than its alarms. */
export const alarmStatus = (kind: Schema<'MediaAlarm'>['kind']): Status => (kind === 'lost' ? 'down' : 'degraded')

/** The worst thing there is: down before degraded before not measured; off is a choice, not a fault. */
export function worst(items: Pick<Item, 'status'>[]): Status {
  const rank: Status[] = ['down', 'degraded', 'not_measured']
  return rank.find((status) => items.some((item) => item.status === status)) ?? 'up'
}
