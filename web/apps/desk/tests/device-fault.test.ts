import { createLocale } from '@dr/locale'
import { flushPromises, mount } from '@vue/test-utils'
import ElementPlus from 'element-plus'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import devices from '../src/features/devices/locale.zh-CN'
import LobbyStage from '../src/features/room/LobbyStage.vue'
import PreparePage from '../src/features/room/PreparePage.vue'
import room from '../src/features/room/locale.zh-CN'

afterEach(() => vi.unstubAllGlobals())

/** The page before a session in this phase, in a browser whose devices answer like this. */
async function pageOf(phase: string, getUserMedia: () => Promise<MediaStream>) {
  const session = { session_id: 's1', phase, join_code: null, case: { case_id: 'c1', policyholder_name: '王建国', product_name: '福满人生', proposal_no: 'T1' } }
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(session), { headers: { 'content-type': 'application/json' } })))
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('RTCPeerConnection', class {})
  vi.stubGlobal('MediaStream', class {})
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia, enumerateDevices: () => Promise.resolve([]) } })
  const router = createRouter({ history: createMemoryHistory(), routes: ['case', 'room', 'cases'].map((name) => ({ name, path: `/${name}/:case_id?`, component: { render: () => null } })) })
  const page = mount(PreparePage, { props: { sessionId: 's1' }, global: { plugins: [createLocale({ ...room, ...devices }), router, ElementPlus] } })
  await flushPromises()
  await flushPromises()
  return page
}

const missing = () => Promise.reject(new DOMException('', 'NotFoundError'))
const button = (page: Awaited<ReturnType<typeof pageOf>>) => page.get('[data-testid="enter-room"]')

describe('entering without camera and microphone', () => {
  it('is not offered before a recording, and the page says what to do', async () => {
    const page = await pageOf('lobby', missing)
    expect(button(page).attributes('disabled')).toBeDefined()
    expect(page.text()).not.toContain('跳过检测')
    expect(page.get('[data-testid="enter-fault"]').text()).toContain('不能进入')
    expect(page.text()).toContain('没有找到摄像头和麦克风')
    page.unmount()
  })
  it('brings the agent back to a running recording, told that nobody hears or sees them', async () => {
    const page = await pageOf('recording', missing)
    expect(button(page).attributes('disabled')).toBeUndefined()
    expect(button(page).text()).toBe('回到会议室')
    expect(page.get('[data-testid="enter-fault"]').text()).toContain('客户听不到、看不到您')
    page.unmount()
  })
  it('may be skipped while nothing is known to be wrong', async () => {
    const page = await pageOf('lobby', () => new Promise(() => undefined))
    expect(button(page).attributes('disabled')).toBeUndefined()
    expect(button(page).text()).toBe('跳过检测并进入')
    expect(page.find('[data-testid="enter-fault"]').exists()).toBe(false)
    page.unmount()
  })
})

describe('the lobby with a microphone that sends only silence', () => {
  const lobby = (codes: string[]) => {
    const me = { seat_id: 's_agent', kind: 'agent', is_me: true, alerts: codes.map((code) => ({ code, since_ms: 0 })) }
    return mount(LobbyStage, { props: { view: { people: [me], missing: [], join_code: null, session_id: 's1' } as never }, global: { plugins: [createLocale(room), ElementPlus] } })
  }
  it('tells the agent before the red button, and nobody else', () => {
    expect(lobby(['NO_SOUND']).get('[data-testid="unheard"]').text()).toContain('没有收到您的声音')
    expect(lobby(['DARK']).find('[data-testid="unheard"]').exists()).toBe(false)
  })
})
