import { createLocale } from '@dr/locale'
import { flushPromises, mount } from '@vue/test-utils'
import ElementPlus from 'element-plus'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import OutboxPage from '../src/features/outbox/OutboxPage.vue'
import texts from '../src/features/outbox/locale.zh-CN'

afterEach(() => vi.unstubAllGlobals())

async function pageOf(isKept: boolean) {
  const message = { id: 'sms_1', template: 'notice', to_masked: '138****2222', text: '通知', is_text_masked: false, status: 'sent', provider: isKept ? 'development' : 'webhook', attempts: 1, error: '', created_at: '2026-11-22T06:00:00Z', next_attempt_at: null, sent_at: '2026-11-22T06:00:01Z', is_kept_here: isKept, due_at: null, is_late: false }
  const counts = { queued: 0, sending: 0, sent: 1, failed: 0, expired: 0 }
  const body = JSON.stringify({ items: [message], total: 1, page: 1, page_size: 20, counts, sends_out: !isKept })
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } })))
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: OutboxPage }] })
  await router.push('/')
  const page = mount(OutboxPage, { global: { plugins: [createLocale(texts), router, ElementPlus] }, attachTo: document.body })
  await flushPromises()
  await flushPromises()
  return page
}

describe('what became of a message', () => {
  it('is never called sent where nothing leaves this machine', async () => {
    const page = await pageOf(true)
    expect(page.get('[data-testid="outbox-state"]').text()).toBe('已记录，未外发')
    expect(page.text()).not.toContain('已发送')
    page.unmount()
  })
  it('is sent where a provider took it', async () => {
    const page = await pageOf(false)
    expect(page.get('[data-testid="outbox-state"]').text()).toBe('已发送')
    expect(page.text()).not.toContain('未外发')
    page.unmount()
  })
})
