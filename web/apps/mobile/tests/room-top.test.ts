import { createLocale } from '@dr/locale'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { ref, shallowRef } from 'vue'
import devices from '../src/features/devices/locale.zh-CN'
import locale from '../src/features/room/locale.zh-CN'
import { ROOM } from '../src/features/room/room'
import RoomTop from '../src/features/room/RoomTop.vue'
import TaskCard from '../src/features/room/TaskCard.vue'

function shown(component: typeof RoomTop | typeof TaskCard, view: object, link = 'online') {
  const room = { view: shallowRef(view), link: ref(link), quality: ref(null), recordingMs: () => 83_000 }
  return mount(component, { global: { plugins: [createLocale({ ...devices, ...locale })], provide: { [ROOM as symbol]: room }, stubs: { CareSwitch: { props: { onDark: Boolean }, render: () => null } } } }).text()
}

describe('what the phone says of the recording', () => {
  const view = (media: boolean) => ({ phase: 'recording', recording: { state: 'running' }, engines: { media } })

  it('says that it records only while that is known', () => {
    expect(shown(RoomTop, view(true))).toContain('录制中 00:01:23')
    expect(shown(RoomTop, view(false))).not.toContain('录制中')
    expect(shown(RoomTop, view(true), 'offline')).not.toContain('录制中')
  })
})

describe('what a customer is asked to say', () => {
  it('is in the words of the question', () => {
    const me = { instruction: { code: 'ANSWER_NOW', params: { person_id: 'p', yes: '同意', no: '不同意' } } }
    expect(shown(TaskCard, { me, node: null, nodes: [] })).toContain('“同意”，或者“不同意”')
  })
})
