import type { SessionEvent } from '@dr/rtc'
import { describe, expect, it } from 'vitest'
import { afterGap, useRecordingGap } from '../src/features/room/recording-gap'
import type { View } from '../src/features/room/useRoom'

const at = (second: number) => new Date(second * 1000).toISOString()
const media = (second: number, is_up: boolean, more: object = {}): SessionEvent => ({ seq: second, type: 'engine_changed', at: at(second), t_ms: null, data: { engine: 'media', is_up, ...more } })
const view = (isUp: boolean, node: object = {}, code = 'PRESS_NEXT'): View => ({ me: { instruction: { code, params: {} } }, engines: { media: isUp, speech: true, vision: true }, node: { node_id: 'n1', must_repeat: [], prompt: { state: 'finished', plays: 1, is_synthetic: true }, ...node } }) as unknown as View

function store(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

describe('what is missing in the recording', () => {
  it('counts from the lost line to the new part, and stays over a reload until read', () => {
    const kept = store()
    const page = useRecordingGap('s1', kept)
    page.lost(100_000)
    page.heard(view(false), [media(140, false)])
    expect(page.gap.value).toBeNull()
    page.heard(view(true), [media(145, true, { is_new_part: true })])
    expect(page.gap.value).toEqual({ seconds: 45, node_id: 'n1' })
    const reloaded = useRecordingGap('s1', kept)
    expect(reloaded.gap.value?.seconds).toBe(45)
    reloaded.read()
    expect(useRecordingGap('s1', kept).gap.value).toBeNull()
  })

  it('says nothing of a personal loss, or of media that recorded on', () => {
    const page = useRecordingGap('s1', store())
    page.lost(100_000)
    page.heard(view(true), [])
    page.heard(view(true), [media(200, false), media(201, true)])
    expect(page.gap.value).toBeNull()
  })

  it('adds a second stop, counted from the loss of the media', () => {
    const page = useRecordingGap('s1', store())
    page.heard(view(true), [media(10, false), media(14, true, { is_new_part: true })])
    page.heard(view(true), [media(20, false), media(26, true, { is_new_part: true })])
    expect(page.gap.value?.seconds).toBe(10)
  })

  it('asks for the prompt again where the rule does', () => {
    const gap = { seconds: 5, node_id: 'n1' }
    expect(afterGap(gap, view(true))).toBe('check')
    expect(afterGap(gap, view(true, { must_repeat: ['p1'] }))).toBe('repeat')
    expect(afterGap(gap, view(true, { prompt: { state: 'failed' } }))).toBe('repeat')
    expect(afterGap(gap, view(true, {}, 'DECIDE_OR_REPEAT')), 'the answer was lost').toBe('repeat')
    expect(afterGap(gap, view(true, { node_id: 'n2' }))).toBe('done')
  })
})
