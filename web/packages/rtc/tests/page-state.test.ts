// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Lapses, PageState } from '../src'

class Track extends EventTarget {
  muted = false
  readyState = 'live'
  set(muted: boolean): void {
    this.muted = muted
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'))
  }
}

let told: Lapses[]
let page: PageState
let visibility: string

function show(value: 'visible' | 'hidden'): void {
  visibility = value
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.useFakeTimers()
  visibility = 'visible'
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibility })
  told = []
  page = new PageState((lapses) => {
    told.push(lapses)
    return Promise.resolve()
  })
})

afterEach(() => {
  page.stop()
  vi.useRealTimers()
})

const clear = { is_hidden: false, is_mic_muted: false, is_camera_muted: false }

describe('what a page admits', () => {
  it('tells everything when the line comes up, and nothing before', () => {
    show('hidden')
    expect(told).toEqual([])
    page.line(true)
    expect(told).toEqual([{ ...clear, is_hidden: true }])
  })

  it('tells a hidden page at once and each change once', () => {
    page.line(true)
    show('hidden')
    show('hidden')
    show('visible')
    expect(told).toEqual([clear, { ...clear, is_hidden: true }, clear])
  })

  it('tells a lasting mute, but not a short one', () => {
    const mic = new Track()
    page.watch('mic', mic as unknown as MediaStreamTrack)
    page.line(true)
    mic.set(true)
    vi.advanceTimersByTime(200)
    mic.set(false)
    vi.advanceTimersByTime(1000)
    expect(told).toEqual([clear])
    mic.set(true)
    vi.advanceTimersByTime(500)
    expect(told.at(-1)).toEqual({ ...clear, is_mic_muted: true })
  })

  it('takes a track that the system ended for muted until a new one comes', () => {
    const [old, next] = [new Track(), new Track()]
    page.watch('camera', old as unknown as MediaStreamTrack)
    page.line(true)
    old.readyState = 'ended'
    old.dispatchEvent(new Event('ended'))
    vi.advanceTimersByTime(500)
    expect(told.at(-1)).toEqual({ ...clear, is_camera_muted: true })
    page.watch('camera', next as unknown as MediaStreamTrack)
    vi.advanceTimersByTime(500)
    expect(told.at(-1)).toEqual(clear)
  })

  it('tells again after the line was lost', () => {
    page.line(true)
    page.line(false)
    show('hidden')
    expect(told).toHaveLength(1)
    page.line(true)
    expect(told.at(-1)).toEqual({ ...clear, is_hidden: true })
  })
})
