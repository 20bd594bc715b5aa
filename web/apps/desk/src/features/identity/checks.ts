/** What the machine checks of one image amount to. Not measured never counts as fine. */
import type { Schema } from '@dr/api'

export type Check = Schema<'ImageCheck'>
export type Verdict = 'ok' | 'warning' | 'failed' | 'not_measured'

const WORST: Verdict[] = ['failed', 'warning', 'not_measured', 'ok']

export function verdictOf(checks: Pick<Check, 'result'>[]): Verdict {
  return WORST.find((verdict) => checks.some((check) => check.result === verdict)) ?? 'not_measured'
}
