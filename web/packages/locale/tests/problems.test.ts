import { describe, expect, it } from 'vitest'
import { collectMessages, fill, problemText } from '../src/index'

describe('problem texts', () => {
  it('fills parameters', () => expect(problemText({ code: 'RATE_LIMITED', params: { retry_after_s: 30 } })).toContain('30 秒'))
  it('stays readable when a parameter is missing', () => expect(fill('等{name}回答', {})).toBe('等…回答'))
  it('joins lists', () => expect(fill('缺少 {fields}', { fields: ['甲', '乙'] })).toBe('缺少 甲、乙'))
  it('says what to do about an unknown code and never shows it', () => {
    expect(problemText({ code: 'NEVER_SEEN' })).toContain('重试')
    expect(problemText({ code: 'NEVER_SEEN' })).not.toContain('NEVER_SEEN')
  })

  it('collects the texts of features', () => {
    const messages = collectMessages({ a: { default: { cases: { title: '任务' } }, problems: { CASE_GONE: '任务不在了' } }, b: { default: { room: {} } } })
    expect(Object.keys(messages)).toEqual(['cases', 'room'])
    expect(problemText({ code: 'CASE_GONE' })).toBe('任务不在了')
  })
})
