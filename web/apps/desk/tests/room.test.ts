import { describe, expect, it } from 'vitest'
import roomLocale from '../src/features/room/locale.zh-CN'
import casesLocale from '../src/features/cases/locale.zh-CN'
import { splitAt } from '../src/features/room/karaoke'
import { qualityLook } from '../src/features/room/looks'
import { actionOf, reasonText, shorten } from '../src/features/room/reasons'

type Tree = { [key: string]: string | Tree }
const messages: Tree = { ...roomLocale, ...casesLocale } as Tree
const find = (key: string) => key.split('.').reduce<string | Tree | undefined>((node, part) => (typeof node === 'object' ? node[part] : undefined), messages)
const te = (key: string) => typeof find(key) === 'string'
const t = (key: string, params: Record<string, unknown> = {}) => String(find(key) ?? key).replace(/{(\w+)}/g, (_, name: string) => String(params[name] ?? ''))

describe('the word being spoken', () => {
  const marks: [number, number][] = [[0, 0], [2, 400], [4, 900]]

  it('lights nothing before the prompt starts', () => expect(splitAt('请问您清楚吗', marks, null)).toEqual({ said: '', now: '', rest: '请问您清楚吗' }))
  it('lights from mark to mark', () => {
    expect(splitAt('请问您清楚吗', marks, 0)).toEqual({ said: '', now: '请问', rest: '您清楚吗' })
    expect(splitAt('请问您清楚吗', marks, 500)).toEqual({ said: '请问', now: '您清', rest: '楚吗' })
    expect(splitAt('请问您清楚吗', marks, 60_000)).toEqual({ said: '请问您清', now: '楚吗', rest: '' })
  })
  it('never loses a character, with or without marks', () => {
    for (const ms of [-1, 0, 399, 400, 899, 900, 5000]) {
      for (const list of [marks, []]) {
        const { said, now, rest } = splitAt('请问您清楚吗', list, ms)
        expect(said + now + rest).toBe('请问您清楚吗')
      }
    }
  })
})

describe('why the next step is disabled', () => {
  it('names the person and the document', () => {
    expect(reasonText({ code: 'DOCUMENT_BOTTOM_NOT_REACHED', params: { name: '李女士', document_name: '保险条款', pages: [2, 3] } }, t, te)).toBe('李女士的《保险条款》第 2、3 页没有翻到底')
    expect(reasonText({ code: 'SESSION_SHARE_ACTIVE', params: { name: '李女士' } }, t, te)).toBe('李女士还在共享屏幕')
  })
  it('says roles in words and rounds waiting up', () => {
    expect(reasonText({ code: 'PERSON_NOT_PRESENT', params: { name: '王建国', roles: ['policyholder', 'insured'] } }, t, te)).toBe('王建国（投保人、被保险人）还没有到')
    expect(reasonText({ code: 'ROLE_UNCLAIMED', params: { role: 'insured' } }, t, te)).toBe('被保险人还没有加入')
    expect(reasonText({ code: 'NODE_TOO_SHORT', params: { remaining_ms: 4100 } }, t, te)).toBe('还需停留 5 秒')
  })
  it('has words for a code it does not know and never shows it', () => {
    expect(reasonText({ code: 'BRAND_NEW', params: {} }, t, te)).toBe('还有条件未满足，请稍候或刷新页面')
  })
  it('knows every reason and instruction of the session protocol', () => {
    const codes = `ANSWER_PENDING ANSWER_NEGATIVE ANSWER_UNCLEAR ANSWER_SILENT ANSWER_NOT_MEASURED PROMPT_NOT_FINISHED AGENT_NOT_HEARD NODE_TOO_SHORT ID_NOT_SHOWN
      AGENT_ID_NOT_CONFIRMED DOCUMENT_NOT_OPENED DOCUMENT_PAGES_UNSEEN DOCUMENT_BOTTOM_NOT_REACHED DOCUMENT_TITLE_NOT_ENLARGED DOCUMENT_NUMBER_NOT_ENLARGED
      DOCUMENT_DWELL_SHORT DOCUMENT_NOT_SIGNED SESSION_SHARE_ACTIVE NODE_MUST_REPEAT PERSON_NOT_PRESENT ROLE_UNCLAIMED CONSENT_MISSING AGENT_AWAY
      AGENT_NO_SOUND AGENT_NO_PICTURE PERSON_NO_SOUND PERSON_NO_PICTURE MEDIA_UNAVAILABLE NODES_REMAINING WAIT_FOR_AGENT WAIT_FOR_PEOPLE WAIT_FOR_START START_RECORDING LISTEN READ_ALOUD SPEAK ANSWER_NOW ANSWERED SHOW_ID CONFIRM_AGENT_ID
      CHECK_IDS SHARE_AND_READ SHARE_AND_SIGN READ_ON SIGN_NOW STOP_SHARING WAIT_FOR_OTHERS PRESS_NEXT REPEAT_PROMPT END_RECORDING SESSION_OVER DECIDE_OR_REPEAT DECIDE_ANSWER
      ENTER_ROOM WAIT_FOR_REPEAT WAIT_FOR_SHARE READ_WITH_AGENT SHARE_NOT_NEEDED`.split(/\s+/)
    expect(codes.filter((code) => !te(`room.reason.${code}`))).toEqual([])
  })
  it('asks for a replay only while tries are left, and for nothing that is not offered', () => {
    for (const code of ['ANSWER_SILENT', 'ANSWER_UNCLEAR', 'ANSWER_NEGATIVE']) {
      expect(reasonText({ code, params: { name: '王建国', attempts_left: 1 } }, t, te)).toMatch(/^王建国.*后?重新播报$/)
      const last = reasonText({ code, params: { name: '王建国', attempts_left: 0 } }, t, te)
      expect(last).toMatch(/^王建国.*重新播报次数已用完，请点“由我判定”$/)
    }
    expect(reasonText({ code: 'ANSWER_NEGATIVE', params: { name: '王建国', is_overridden: true } }, t, te)).toContain('您已判定王建国的回答为否定')
    expect(reasonText({ code: 'ANSWER_PENDING', params: { name: '王建国', attempts_left: 0 } }, t, te)).toBe('等王建国回答')
  })
  it('shows the first few and counts the rest', () => expect(shorten([1, 2, 3, 4], 2)).toEqual({ shown: [1, 2], more: 2 }))
})

describe('buttons', () => {
  const actions = [{ action: 'advance', enabled: false, reasons: [{ code: 'LISTEN', params: {} }] }, { action: 'replay_prompt', enabled: true, reasons: [] }]
  it('tells apart absent, disabled and enabled', () => {
    expect(actionOf(actions, 'start_recording')).toMatchObject({ isThere: false, isEnabled: false })
    expect(actionOf(actions, 'advance')).toMatchObject({ isThere: true, isEnabled: false, reasons: [{ code: 'LISTEN' }] })
    expect(actionOf(actions, 'replay_prompt')).toMatchObject({ isThere: true, isEnabled: true })
  })
})

describe('connection quality', () => {
  it('keeps not measured apart from bad', () => {
    expect(qualityLook(null).word).toBe('unknown')
    expect(qualityLook(undefined).word).toBe('unknown')
    expect(qualityLook(0).word).toBe('none')
    expect(qualityLook(4.4).word).toBe('good')
    expect(qualityLook(2.5).word).toBe('fair')
  })
})
