import { describe, expect, it } from 'vitest'
import { questionPlace, whyText } from './why'

describe('what the check of rules says', () => {
  it.each([
    ['must last as long as the window: at least 6', '短信链接的有效天数要盖住整个电子回访有效期，至少 6 天。'],
    ['must be 1 to 720', '请填写 1 到 720 之间的数。'],
    ['must be a whole number', '请填写整数。'],
    ['must be S1', '必须是 S1。'],
    ['a brace that belongs to no merge field', '有一个多余的大括号，合并项要写成 {名称}。'],
  ])('%s', (why, text) => {
    expect(whyText(why)).toBe(text)
  })

  it.each([
    ['questions[14].text', '第 15 题的“题目”'],
    ['questions[0]', '第 1 题'],
    ['notice', '回访须知'],
    ['answering.remark_max', 'answering.remark_max'],
  ])('%s names its place', (path, place) => {
    expect(questionPlace(path)).toBe(place)
  })
})
