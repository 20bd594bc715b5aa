import { mount } from '@vue/test-utils'
import { createI18n } from 'vue-i18n'
import { defineComponent, h } from 'vue'
import { expect, it, vi } from 'vitest'
import { laterReader } from '../src/features/reader/early'
import locale from '../src/features/reader/locale.zh-CN'

const SOON = 30_000 // how long to wait for what will come: a busy machine is no fault
const global = { plugins: [createI18n({ legacy: false, locale: 'zh-CN', messages: { 'zh-CN': locale } })] }
const Page = defineComponent({ render: () => '文件' })
const whole = { __esModule: true, default: Page } // as an import brings it
type Loader = () => Promise<{ default: typeof Page }>
const gone: Loader = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'))

function room(loader: Loader) {
  const Reader = laterReader(loader, 0)
  return mount(() => h('div', [h(Reader)]), { global })
}

it('comes when a later try brings it', async () => {
  const loader = vi.fn<Loader>(() => Promise.resolve(whole)).mockImplementationOnce(gone)
  const page = room(loader)
  await vi.waitFor(() => expect(page.text()).toBe('文件'), SOON)
})

it('says what to do when no try brings it', async () => {
  const loader = vi.fn<Loader>(gone)
  const page = room(loader)
  await vi.waitFor(() => expect(page.text()).toContain('文件页没有打开'), SOON)
  expect(loader).toHaveBeenCalledTimes(4)
  expect(page.get('[data-testid="reload"]').text()).toBe('重新打开')
})
