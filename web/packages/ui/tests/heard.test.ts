import { describe, expect, it } from 'vitest'
import { heardOf } from '@dr/ui'

describe('what the machine heard, beside its verdict', () => {
  it('is what the verdict rests on where the transcript says something else', () => {
    expect(heardOf({ verdict: 'negative', text: '清楚', phrase: '不清楚' })).toBe('不清楚')
    expect(heardOf({ verdict: 'affirmative', text: '四的', phrase: '是的' })).toBe('是的')
  })
  it('is the whole transcript where that holds the answer', () => {
    expect(heardOf({ verdict: 'negative', text: '我 不清楚。', phrase: '不清楚' })).toBe('我 不清楚。')
    expect(heardOf({ verdict: 'affirmative', text: '嗯，清楚', phrase: '清楚' })).toBe('嗯，清楚')
  })
  it('is what there is where nothing was decided or one engine is away', () => {
    expect(heardOf({ verdict: 'unclear', text: '听 一下', phrase: '清楚' })).toBe('听 一下')
    expect(heardOf({ verdict: 'negative', text: null, phrase: '不是' })).toBe('不是')
    expect(heardOf({ verdict: 'affirmative', text: '是的', phrase: null })).toBe('是的')
    expect(heardOf({ verdict: 'silent' })).toBe('')
  })
})
