/** What the machine checks of one image amount to. Not measured never counts as fine. */
import type { Schema } from '@dr/api'

export type Check = Schema<'ImageCheck'>
export type Verdict = 'ok' | 'warning' | 'failed' | 'not_measured'

const WORST: Verdict[] = ['failed', 'warning', 'not_measured', 'ok']

export function verdictOf(checks: Pick<Check, 'result'>[]): Verdict {
  return WORST.find((verdict) => checks.some((check) => check.result === verdict)) ?? 'not_measured'
}

/** Findings that need a word, those with the same result and reasons together. */
export function grouped(checks: Pick<Check, 'code' | 'result' | 'reasons'>[]): { codes: Check['code'][]; result: Verdict; reasons: string[] }[] {
  const groups = new Map<string, { codes: Check['code'][]; result: Verdict; reasons: string[] }>()
  for (const check of checks) {
    if (check.result === 'ok') continue
    const key = `${check.result}|${check.reasons.join(',')}`
    const group = groups.get(key) ?? { codes: [], result: check.result, reasons: check.reasons }
    group.codes.push(check.code)
    groups.set(key, group)
  }
  return [...groups.values()]
}
