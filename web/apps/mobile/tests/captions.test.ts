import { expect, it } from 'vitest'
import { sentences } from '../src/features/room/captions'

it.each(['您好。请问您清楚吗？', '', '没有标点的一句话', '第一，第二，第三；很长很长很长很长很长很长的一句话，后面还有一些内容需要继续说下去。好。'])('loses nothing of %s', (text) => {
  const parts = sentences(text)
  expect(parts.map((part) => part.text).join('')).toBe(text)
  for (const part of parts) expect(text.slice(part.start, part.end)).toBe(part.text)
})

it('cuts at the ends of sentences and long ones at commas', () => {
  expect(sentences('您好。请问您清楚吗？').map((part) => part.text)).toEqual(['您好。', '请问您清楚吗？'])
  expect(sentences('为维护您的合法权益以及按照监管的规定，我们将录音录像，请您配合。').map((part) => part.text)[0]).toBe('为维护您的合法权益以及按照监管的规定，')
})
