import { collectMessages, createLocale } from '@dr/locale'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CallbackEntry, WaitingPolicy } from '../src/features/callback/api'
import CallbackPage from '../src/features/callback/CallbackPage.vue'
import PolicyButton from '../src/features/callback/PolicyButton.vue'
import { useVisit, type Visit } from '../src/features/callback/visit'
import { createPhoneRouter } from '../src/router'

const SOON = 30_000 // how long to wait for what will come: a busy machine is no fault
const messages = collectMessages(import.meta.glob(['../src/features/*/locale.zh-CN.ts', '../src/shared/locale.zh-CN.ts'], { eager: true }))
const ENTRY: CallbackEntry = {
  insurer: '爱心人寿', policy_no_masked: '880***003', product_name: '守护一生', policyholder_masked: '陈**', state: 'open', method: 'sms_code', phone_masked: '137****8801', can_measure: true,
  tries_left: 5, window_ends_at: '2026-11-25T16:00:00Z', min_answer_seconds: 0, desk_phone: '400-000-0000', desk_hours: '工作日 09:00–17:30', requires_signature: false,
  steps: ['identity', 'policy', 'questions'], can_use_code: false, is_elderly: false, challenges: [], has_account: false, notice: null, blocked: null,
}

/** The page as a link opens it; the server's two answers are given, null: the link is dead. */
async function open(entry: Partial<CallbackEntry> | null, address = '/m/c#k=FDsINkrje2_QkABYC2qiFg') {
  window.history.replaceState(null, '', address)
  const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  vi.stubGlobal('fetch', (request: Request | string) => {
    if (!entry) return Promise.resolve(answer({ status: 401, code: 'LINK_EXPIRED', retryable: false, params: {} }, 401))
    const isTicket = String(request instanceof Request ? request.url : request).endsWith('/tickets')
    return Promise.resolve(answer(isTicket ? { ticket: 't', scope: 'callback_link' } : { ...ENTRY, ...entry }))
  })
  const router = createPhoneRouter()
  const page = mount(CallbackPage, { global: { plugins: [createPinia(), createLocale(messages), router] } })
  await vi.waitFor(() => expect(page.text()).not.toBe(''), SOON)
  await flushPromises()
  await vi.waitFor(() => expect(page.find('h1').exists()).toBe(true), SOON)
  await flushPromises()
  return page
}

afterEach(() => {
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

describe('a policy to choose', () => {
  it('says on lines of their own when it was issued and how it stands', () => {
    const policy: WaitingPolicy = {
      callback_id: 'cb_1', policy_no: '880000001522216', product_name: '守护一生', insured_name: '张德强', issued_on: '2026-11-22', policy_status: 'in_force', state: 'open',
      window_ends_at: '2026-11-25T16:00:00Z', blocked: null,
    }
    const button = mount(PolicyButton, { props: { policy, testid: 'policy-row' }, global: { plugins: [createLocale(messages)] } })
    expect(button.findAll('span').map((line) => line.text())).toEqual(['保单号 880000001522216', '被保险人：张德强', '承保日期：2026-11-22', '保单状态：保单有效'])
  })
})

describe('an attempt that the server has ended', () => {
  it.each([
    [null, '别的页面'],
    [{ code: 'WINDOW_ENDED', phone: '400-000-0000', until: null, opens_at: null }, ''],
  ])('says why one begins again, and nothing beside the card that says why one cannot: %j', async (blocked, said) => {
    let entry = ENTRY
    const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
    vi.stubGlobal('fetch', (request: Request | string) => {
      const url = String(request instanceof Request ? request.url : request)
      if (url.endsWith('/notice')) return Promise.resolve(answer({ status: 401, code: 'IDENTITY_REQUIRED', retryable: false, params: {} }, 401))
      return Promise.resolve(answer(url.endsWith('/tickets') ? { ticket: 't', scope: 'callback_link' } : entry))
    })
    window.history.replaceState(null, '', '/m/c#k=FDsINkrje2_QkABYC2qiFg')
    let visit!: Visit
    mount({ setup: () => ((visit = useVisit()), () => null) }, { global: { plugins: [createPinia(), createLocale(messages), createPhoneRouter()] } })
    await visit.load()
    entry = { ...ENTRY, blocked }
    await visit.startQuestions()
    expect([visit.page.value, visit.entry.value?.blocked]).toEqual(['entry', blocked])
    if (said) expect(visit.problem.value).toContain(said)
    else expect(visit.problem.value).toBe('')
  })
})

describe('a policy that ended in the middle', () => {
  it('goes on with those that wait, and says so', async () => {
    const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
    vi.stubGlobal('fetch', (request: Request | string) => {
      const url = String(request instanceof Request ? request.url : request)
      if (url.endsWith('/begin')) return Promise.resolve(answer({ callback_id: 'cb_1', requires_tick: true, steps: ENTRY.steps }))
      if (url.endsWith('/notice')) return Promise.resolve(answer({ status: 409, code: 'CALLBACK_FINISHED', retryable: false, params: {} }, 409))
      return Promise.resolve(answer({ policyholder_name: '陈', insurer: '爱心人寿', items: [] }))
    })
    let visit!: Visit
    mount({ setup: () => ((visit = useVisit()), () => null) }, { global: { plugins: [createPinia(), createLocale(messages), createPhoneRouter()] } })
    await visit.openPolicy('cb_1')
    expect(visit.page.value).toBe('notice')
    await visit.startQuestions()
    expect([visit.page.value, visit.policies.value, visit.problem.value]).toEqual(['policies', [], '这份保单的回访已经结束。'])
  })
})

describe('what a link opens on', () => {
  it('shows the steps of the rulebook, and nothing of a film where a code is sent', async () => {
    const page = await open({})
    await vi.waitFor(() => expect(page.findAll('.steps small').map((step) => step.text())).toEqual(['身份', '保单', '问卷']), SOON)
    expect(page.findAll('.will li').map((line) => line.text())).toEqual(['用短信验证码确认是您本人，验证码发到 137****8801', '回答几个问题'])
    expect(page.text()).not.toContain('视频')
  })

  it('names no day that is over where one may answer late, beside the phone desk', async () => {
    expect((await open({})).text()).toContain('完成期限')
    const late = await open({ state: 'phone' })
    expect(late.find('[data-testid="callback-start"]').exists()).toBe(true)
    expect(late.text()).not.toContain('完成期限')
  })

  it('says whom to call where there is no picture to compare with', async () => {
    const page = await open({ method: 'face', can_measure: false })
    await vi.waitFor(() => expect(page.find('[data-code="NO_REFERENCE"] a').attributes('href')).toBe('tel:400-000-0000'), SOON)
    expect(page.find('[data-testid="callback-start"]').exists()).toBe(false)
  })

  it('says after a reload in the middle why one begins again', async () => {
    sessionStorage.setItem('dr.callback.inside', '1')
    const page = await open({})
    await vi.waitFor(() => expect(page.find('[data-testid="entry-problem"]').text()).toContain('之前的回答没有保留'), SOON)
  })

  it('offers a fresh link for a dead one, also after a reload, when the address no longer has the key', async () => {
    const before = await open(null)
    await vi.waitFor(() => expect(before.find('[data-testid="renew-link"]').exists()).toBe(true), SOON)
    before.unmount()
    const page = await open(null, '/m/c')
    await vi.waitFor(() => expect(page.find('[data-testid="renew-link"]').exists()).toBe(true), SOON)
    expect(page.text()).toContain('我们可以把新的链接发到保单登记的手机')
    expect(page.text()).not.toContain('业务员')
  })
})
