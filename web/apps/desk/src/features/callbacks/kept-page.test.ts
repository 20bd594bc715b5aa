import { describe, expect, it } from 'vitest'
import type { KeptPageContent } from './api'
import { signaturePath } from './kept-page'

const page = (strokes: unknown) => ({ content: { strokes } }) as unknown as KeptPageContent

describe('signaturePath', () => {
  it('draws every stroke from its first point', () => {
    const strokes = JSON.stringify([[{ x: 0, y: 0 }, { x: 1, y: 1 }], [{ x: 0.5, y: 0.5 }]])
    expect(signaturePath(page(strokes))).toBe('M0.0 0.0L315.0 150.0M157.5 75.0')
  })
  it('is empty where the strokes cannot be read', () => {
    expect(signaturePath(page('{broken'))).toBe('')
    expect(signaturePath(page(undefined))).toBe('')
  })
})
