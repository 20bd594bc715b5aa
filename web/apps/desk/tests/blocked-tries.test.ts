import { createLocale } from '@dr/locale'
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import BlockedTries from '../src/features/cases/BlockedTries.vue'
import texts from '../src/features/cases/locale.zh-CN'

const NOW = Date.parse('2026-11-22T06:00:00Z')
afterEach(() => void vi.useRealTimers())

describe('somebody with the code who is turned away', () => {
  it('is told with the end and what helps, without an address, and is gone when it may try again', async () => {
    vi.useFakeTimers({ now: NOW })
    const page = mount(BlockedTries, { props: { until: '2026-11-22T06:00:03Z' }, global: { plugins: [createLocale(texts)] } })
    expect(page.text()).toContain('14:00:03 以后才能再试（还有 00:03）')
    expect(page.text()).toContain('换一个网络')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(page.text()).toContain('还有 00:01')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(page.find('[data-testid="join-blocked"]').exists()).toBe(false)
    page.unmount()
  })

  it('says nothing while nobody is', () => {
    expect(mount(BlockedTries, { props: { until: null }, global: { plugins: [createLocale(texts)] } }).text()).toBe('')
  })
})
