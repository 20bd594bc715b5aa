import { describe, expect, it } from 'vitest'
import { axisTop } from './bar-axis'

describe('the axis of a bar chart', () => {
  it.each([[0, 2], [1, 2], [2, 2], [3, 4], [5, 6], [7, 10], [10, 10], [11, 20], [55, 60], [101, 200]])('of counts up to %i ends at %i, whole at its middle', (largest, top) => {
    expect(axisTop(largest, false)).toBe(top)
  })

  it('of shares ends at all of them, also where nothing is done', () => {
    expect([0, 40, 100].map((share) => axisTop(share, true))).toEqual([100, 100, 100])
  })
})
