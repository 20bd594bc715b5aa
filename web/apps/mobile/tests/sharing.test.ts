import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Room } from '../src/features/room/room'
import { useSharing } from '../src/features/room/sharing'

const MINE = { is_mine: true, mode: 'reader' }
const scene = (share: object | null, more: object = {}) => ({ phase: 'recording', node: { node_id: 'read' }, share, allowed_actions: [{ action: 'start_share', enabled: share === null }], ...more })

let room: { view: ReturnType<typeof shallowRef>; mediaState: ReturnType<typeof ref>; shareWish: ReturnType<typeof ref>; command(name: string): Promise<boolean> }
let sent: string[]
let sharing: ReturnType<typeof useSharing>
let scope: ReturnType<typeof effectScope>

beforeEach(() => {
  sent = []
  room = { view: shallowRef(scene(MINE)), mediaState: ref('connected'), shareWish: ref(true), command: (name) => (sent.push(name), Promise.resolve(true)) }
  scope = effectScope()
  scope.run(() => (sharing = useSharing(room as unknown as Room)))
})
afterEach(() => scope.stop())

async function becomes(view: object): Promise<void> {
  room.view.value = view
  await nextTick()
  await nextTick()
}

describe('a share that a lost connection ended', () => {
  it('is begun anew as soon as the media is back and the server allows it', async () => {
    room.mediaState.value = 'recovering'
    await becomes(scene(null))
    expect(sharing.isResuming.value).toBe(true)
    expect(sent).toEqual([])
    room.mediaState.value = 'connected'
    await nextTick()
    expect(sent).toEqual(['start_share'])
    await becomes(scene(MINE))
    expect([sharing.isResuming.value, sharing.isSharing.value]).toEqual([false, true])
  })

  it('stays ended when the person ended it', async () => {
    room.shareWish.value = false
    await becomes(scene(null))
    expect([sharing.isResuming.value, sent]).toEqual([false, []])
  })

  it('is given up for another node or another sharer', async () => {
    room.mediaState.value = 'recovering'
    await becomes(scene(null))
    await becomes(scene(null, { node: { node_id: 'sign' } }))
    expect(sharing.isResuming.value).toBe(false)
    await becomes(scene(MINE))
    await becomes(scene(null))
    expect(sharing.isResuming.value).toBe(true)
    await becomes(scene({ is_mine: false, mode: 'reader' }))
    expect(sharing.isResuming.value).toBe(false)
    expect(sent).toEqual([])
  })
})
