import { describe, expect, it } from 'vitest'
import type { Step } from '../src/features/callback/api'
import { unbroken } from '../src/features/callback/labels'
import { problems } from '../src/features/callback/locale.zh-CN'
import { type Page, stepOf, willOf } from '../src/features/callback/way'

const WITH_SIGNATURE: Step[] = ['identity', 'policy', 'notice', 'questions', 'signature']
const WITH_CONFIRMATION: Step[] = ['identity', 'policy', 'notice', 'questions', 'confirm']
const NOTICE_FIRST: Step[] = ['notice', 'identity', 'policy', 'questions', 'confirm']
const SHORT: Step[] = ['identity', 'policy', 'questions']

describe('the bar above the callback pages', () => {
  it.each<[Page, Step[], number]>([
    ['entry', SHORT, 1],
    ['code', SHORT, 1],
    ['policies', SHORT, 2],
    ['notice', WITH_SIGNATURE, 3],
    ['questions', WITH_SIGNATURE, 4],
    ['questions', SHORT, 3],
    ['confirm', WITH_SIGNATURE, 5],
    ['confirm', WITH_CONFIRMATION, 5],
    ['entry', NOTICE_FIRST, 1],
    ['face', NOTICE_FIRST, 2],
    ['questions', NOTICE_FIRST, 4],
    ['result', WITH_SIGNATURE, 0],
    ['loading', [], 0],
  ])('%s is a step of %j', (page, steps, number) => expect(stepOf(page, steps)).toBe(number))
})

describe('what the customer is told before', () => {
  it('names the steps of the rulebook and no others', () => {
    expect(willOf({ method: 'face', can_measure: true, steps: WITH_SIGNATURE, min_answer_seconds: 60 })).toEqual(['face', 'notice', 'answer_slowly', 'signature'])
    expect(willOf({ method: 'sms_code', can_measure: true, steps: WITH_CONFIRMATION, min_answer_seconds: 60 })).toEqual(['code', 'notice', 'answer_slowly', 'confirm'])
    expect(willOf({ method: 'face', can_measure: true, steps: NOTICE_FIRST, min_answer_seconds: 60 })).toEqual(['notice', 'face', 'answer_slowly', 'confirm'])
    expect(willOf({ method: 'face', can_measure: false, steps: SHORT, min_answer_seconds: 0 })).toEqual(['code', 'answer'])
  })

  it('tells a long pause from another page', () => {
    const say = problems.IDENTITY_REQUIRED as (params: Record<string, unknown>) => string
    expect(say({ reason: 'idle' })).toContain('停留时间太长')
    expect(say({ reason: 'visit_ended' })).toContain('别的页面')
  })
})

describe('a number in a sentence', () => {
  it('stays on one line, whatever else breaks', () => {
    expect(unbroken('400-000-0000（演示号码），工作日 09:00–17:30').split('\u2060')).toEqual(['400', '-', '000', '-', '0000（演示号码），工作日 09:00', '–', '17:30'])
    expect(unbroken('保单上的客服电话')).toBe('保单上的客服电话')
  })
})
