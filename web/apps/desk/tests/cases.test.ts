import { describe, expect, it } from 'vitest'
import locale, { problems } from '../src/features/cases/locale.zh-CN'
import { countOf, GROUP_NAMES, GROUPS, nextStepOf, STATE_LOOK } from '../src/features/cases/states'
import { grouped, verdictOf } from '../src/features/identity/checks'
import { fit, isSentAsIs } from '../src/features/identity/picture'

describe('states of a case', () => {
  it('has a look, a word and exactly one filter group for each state', () => {
    for (const state of Object.keys(STATE_LOOK)) {
      expect(locale.cases.state).toHaveProperty(state)
      const holders = GROUP_NAMES.filter((group) => group !== 'all' && (GROUPS[group] as readonly string[]).includes(state))
      expect(holders, state).toHaveLength(1)
    }
  })

  it('never uses red for a state: red is recording and danger', () => {
    expect(Object.values(STATE_LOOK).map((look) => look.tone)).not.toContain('danger')
    expect(Object.values(STATE_LOOK).map((look) => look.tone)).not.toContain('recording')
  })

  it('counts groups', () => {
    const counts = { ready: 2, supplementary: 1, passed: 4 }
    expect(countOf('ready', counts)).toBe(3)
    expect(countOf('all', counts)).toBe(7)
    expect(countOf('rejected', counts)).toBe(0)
  })

  it('says the one next step', () => {
    const step = (state: keyof typeof STATE_LOOK, blocked_by: string[] = [], is_supplementary = false) => nextStepOf({ state, blocked_by, is_supplementary, allowed_actions: [] }, null)
    expect(step('identity_pending', ['IDENTITY_INCOMPLETE'])).toBe('capture')
    expect(step('ready')).toBe('create_session')
    expect(step('ready', ['DOCUMENT_MISSING'])).toBe('documents')
    expect(step('supplementary', [], true)).toBe('supplementary')
    expect(step('finalising')).toBe('processing')
    expect(step('rejected')).toBe('rejected')
    expect(step('declined')).toBe('declined')
  })

  it('knows whether a session records and whether the agent is in it', () => {
    const view = { state: 'in_session' as const, blocked_by: ['CASE_STATE'], is_supplementary: false, allowed_actions: ['enter_room'] }
    const live = (phase: 'lobby' | 'recording', presence: 'expected' | 'present' | 'left') => ({ phase, people: [{ kind: 'agent' as const, presence }, { kind: 'customer' as const, presence: 'present' as const }] })
    expect(nextStepOf(view, live('lobby', 'expected'))).toBe('enter_room')
    expect(nextStepOf(view, live('lobby', 'present'))).toBe('in_lobby')
    expect(nextStepOf(view, live('recording', 'present'))).toBe('recording')
    expect(nextStepOf(view, live('recording', 'left'))).toBe('return_room')
    expect(nextStepOf({ ...view, allowed_actions: [] }, live('lobby', 'expected'))).toBe('in_session')
    for (const step of ['enter_room', 'in_lobby', 'recording', 'return_room', 'in_session']) expect(locale.cases.next).toHaveProperty(step)
  })
})

describe('what a refusal says', () => {
  it('names whose pictures are missing, and which', () => {
    const missing = [{ person_id: 'ptc_1', name: '王建国', roles: ['policyholder'], items: ['id_back', 'face'] }, { person_id: 'ptc_2', name: '王小雨', roles: ['insured'], items: ['bank_card'] }]
    expect(problems.IDENTITY_INCOMPLETE({ missing })).toBe('客户影像还没有采集完整：王建国还差证件反面、本人面部；王小雨还差银行卡。采集完整后才能创建会话。')
    expect(problems.IDENTITY_INCOMPLETE({})).toBe('客户影像还没有采集完整。采集完整后才能创建会话。')
  })
})

describe('checks of an image', () => {
  const check = (code: 'sharpness' | 'brightness', result: 'ok' | 'warning' | 'failed' | 'not_measured', reasons: string[] = []) => ({ code, result, reasons, value: null })

  it('is what the worst check says, and not measured is not fine', () => {
    expect(verdictOf([check('sharpness', 'ok'), check('brightness', 'failed')])).toBe('failed')
    expect(verdictOf([check('sharpness', 'ok'), check('brightness', 'not_measured')])).toBe('not_measured')
    expect(verdictOf([check('sharpness', 'ok')])).toBe('ok')
    expect(verdictOf([])).toBe('not_measured')
  })

  it('says the same finding once', () => {
    const away = ['VISION_UNAVAILABLE']
    expect(grouped([check('sharpness', 'not_measured', away), check('brightness', 'not_measured', away)])).toEqual([{ codes: ['sharpness', 'brightness'], result: 'not_measured', reasons: away }])
    expect(grouped([check('sharpness', 'ok')])).toEqual([])
  })
})

describe('pictures to upload', () => {
  it('sends small JPEG and PNG as they are', () => {
    expect(isSentAsIs({ type: 'image/jpeg', size: 1000 })).toBe(true)
    expect(isSentAsIs({ type: 'image/webp', size: 1000 })).toBe(false)
    expect(isSentAsIs({ type: 'image/png', size: 9 << 20 })).toBe(false)
  })
  it('shrinks to the longest side and keeps small ones', () => {
    expect(fit(6000, 4000)).toEqual({ width: 3000, height: 2000 })
    expect(fit(800, 600)).toEqual({ width: 800, height: 600 })
  })
})
