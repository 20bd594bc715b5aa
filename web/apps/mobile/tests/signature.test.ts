import { expect, it } from 'vitest'
import { SignatureInk } from '../src/features/reader/signature'

it('keeps strokes in 0…1 of the pad with whole milliseconds since the first point', () => {
  const ink = new SignatureInk()
  ink.down(0.1, 0.2, 1000.4)
  ink.move(0.3, 1.4, 1010.6, 0.7)
  ink.up()
  ink.down(-1, 0.5, 1500)
  expect(ink.strokes).toEqual([
    [
      { x: 0.1, y: 0.2, t: 0 },
      { x: 0.3, y: 1, t: 10, p: 0.7 },
    ],
    [{ x: 0, y: 0.5, t: 500 }],
  ])
})

it('drops points that add nothing and moves without a pen down', () => {
  const ink = new SignatureInk()
  expect(ink.move(0.5, 0.5, 0)).toBe(false)
  ink.down(0.5, 0.5, 0)
  expect(ink.move(0.5005, 0.5, 5)).toBe(false)
  expect(ink.move(0.51, 0.5, 8)).toBe(true)
  ink.up()
  expect(ink.move(0.9, 0.5, 9)).toBe(false)
  expect(ink.strokes[0]).toHaveLength(2)
})

it('stays within what the wire takes, and starts over', () => {
  const ink = new SignatureInk()
  for (let stroke = 0; stroke < 105; stroke += 1) {
    ink.down(0, 0, stroke)
    ink.up()
  }
  expect(ink.strokes).toHaveLength(100)
  ink.clear()
  ink.down(0, 0, 0)
  for (let point = 0; point < 2500; point += 1) ink.move((point % 200) / 200, point % 2, point)
  expect(ink.strokes[0]!.length).toBe(2000)
  ink.clear()
  expect(ink.isEmpty).toBe(true)
})
