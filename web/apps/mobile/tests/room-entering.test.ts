import { createPinia, setActivePinia } from 'pinia'
import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useRoom } from '../src/features/room/room'

const SOON = 30_000 // how long to wait for what will come: a busy machine is no fault
/** The line of a page, in the hands of the test. */
class Line {
  static newest: Line
  readyState = 1
  onopen: () => void = () => undefined
  onmessage: (message: { data: string }) => void = () => undefined
  onclose: () => void = () => undefined
  sent: { type: string; id: string; command: string }[] = []
  constructor(readonly url: string) {
    Line.newest = this
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Line['sent'][number])
  }
  close(): void {
    this.readyState = 3
  }
  get entered(): string[] {
    return this.sent.filter((one) => one.command === 'enter_room').map((one) => one.id)
  }
  shows(seq: number, mayEnter: boolean): void {
    const view = { seq, server_time: '2026-11-22T02:00:00Z', phase: 'recording', me: { is_media_allowed: false }, allowed_actions: mayEnter ? [{ action: 'enter_room', enabled: true, reasons: [] }] : [], recording: {} }
    this.onmessage({ data: JSON.stringify({ type: 'update', seq, events: [], view }) })
  }
  async answers(id: string | undefined): Promise<void> {
    this.onmessage({ data: JSON.stringify({ type: 'reply', id, ok: true, result: {}, problem: null }) })
    await Promise.resolve()
    await Promise.resolve()
  }
}

const scope = effectScope()
beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('WebSocket', Line)
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
})

it('comes back in when it was taken for gone while its line stood', async () => {
  scope.run(() => useRoom('ses_1', () => 'ticket'))
  await vi.waitFor(() => expect(Line.newest).toBeDefined(), SOON)
  const line = Line.newest
  line.onopen()
  line.shows(1, true)
  line.shows(2, true) // the first is still on its way
  expect(line.entered).toHaveLength(1)
  await line.answers(line.entered[0])
  line.shows(3, false)
  expect(line.entered).toHaveLength(1)
  line.shows(4, true)
  expect(line.entered).toHaveLength(2)
})
