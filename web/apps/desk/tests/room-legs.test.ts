import { createLocale } from '@dr/locale'
import { flushPromises, mount } from '@vue/test-utils'
import ElementPlus from 'element-plus'
import { afterEach, describe, expect, it, vi } from 'vitest'
import texts from '../src/features/health/locale.zh-CN'
import { lossShare, queueParts, seconds } from '../src/features/health/media'
import RoomLegs from '../src/features/health/RoomLegs.vue'

const LEG = { leg_id: 'l1', seat_id: 'seat_1', packets: 990, lost: 10, nack: 17, rtx: 12, pli: 3, bitrate: 481_600, jitter_ms: 4.4, rtt_ms: null, gap_ms: 3_250, score: 4 }

function answer(legs: unknown): void {
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(JSON.stringify(legs), { headers: { 'Content-Type': 'application/json' } }))))
}

async function shown(legs: unknown) {
  answer(legs)
  const page = mount(RoomLegs, { props: { roomId: 'room_1' }, global: { plugins: [createLocale(texts), ElementPlus] }, attachTo: document.body })
  await flushPromises()
  return page
}

describe('connections of a room on the media panel', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('shows every counter of everybody', async () => {
    const page = await shown([LEG])
    const text = page.text()
    for (const figure of ['seat_1', '4 / 5', '482 kbit/s', '990', '10 (1.0%)', '17', '12', '3', '4 ms', '3.3 s']) expect(text).toContain(figure)
    expect(text).toContain('未测量') // the round trip, which nobody measured
    page.unmount()
  })

  it('says so when nobody is connected', async () => {
    const page = await shown([])
    expect(page.text()).toBe('还没有人连上。')
    page.unmount()
  })
})

describe('what waits in a worker', () => {
  it('names only what is not empty, and does not invent what was not told', () => {
    expect(queueParts(null)).toEqual([])
    expect(queueParts({ rpc_events: 0, writer_bytes: 0, tap_bytes: 0 })).toEqual([])
    expect(queueParts({ rpc_events: 12, writer_bytes: 3 * 2 ** 20, tap_bytes: 0 })).toEqual([
      { name: 'writer_bytes', size: '3.0 MiB' },
      { name: 'rpc_events', size: '12' },
    ])
  })

  it('tells shares and times', () => {
    expect(lossShare(0, 0)).toBe('—')
    expect(lossShare(1, 199)).toBe('0.5%')
    expect(seconds(null)).toBe('未测量')
    expect(seconds(0)).toBe('0.0 s')
  })
})
