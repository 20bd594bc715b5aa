import { createLocale } from '@dr/locale'
import { mount, type VueWrapper } from '@vue/test-utils'
import { ElConfigProvider } from 'element-plus'
import zhCn from 'element-plus/es/locale/lang/zh-cn'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import DateField from '../src/shared/DateField.vue'
import texts from '../src/shell/locale.zh-CN'

vi.setConfig({ testTimeout: 60_000 }) // a calendar takes its time on a busy machine
let page: VueWrapper | undefined
afterEach(() => page?.unmount())

/** A field in the page; what it holds, its input, and typing with the Enter key. */
async function field(props: Record<string, unknown>, start = '') {
  const value = ref(start)
  const it = () => h(DateField, { ...props, modelValue: value.value, 'onUpdate:modelValue': (next: string) => (value.value = next) })
  const app = defineComponent({ setup: () => () => h(ElConfigProvider, { locale: zhCn }, { default: it }) })
  page = mount(app, { global: { plugins: [createLocale(texts)] }, attachTo: document.body })
  const input = page.get('input')
  const type = async (text: string) => {
    await input.trigger('focus')
    await input.setValue(text)
    await input.trigger('keydown', { code: 'Enter' })
    await nextTick()
  }
  await nextTick()
  return { value, input, type, shown: () => input.element.value }
}

describe('a day', () => {
  it('is shown and typed year first, whatever the browser speaks', async () => {
    const { value, type, shown, input } = await field({ label: '录制日期从' }, '2026-11-05')
    expect(shown()).toBe('2026-11-05')
    expect(page!.get('label').attributes('for')).toBe(input.attributes('id'))
    for (const [text, day] of [['2026-12-31', '2026-12-31'], ['2027/1/9', '2027-01-09'], ['20270210', '2027-02-10']] as const) {
      await type(text)
      expect([value.value, shown()]).toEqual([day, day])
    }
    await type('')
    expect(value.value).toBe('')
  })

  it.each(['2027-02-30', '2026-09-31', '2027-13-01', '09/28/2026', '明天'])('%s is no day: what stood there stays', async (text) => {
    const { value, type, input } = await field({}, '2026-11-05')
    await type(text)
    await input.trigger('change')
    await input.trigger('blur')
    expect(value.value).toBe('2026-11-05')
  })

  it('keeps to the first and the last day, in the calendar too', async () => {
    const { value, type, input } = await field({ min: '2026-11-03', max: '2026-11-20', ariaLabel: '休假第一天' }, '2026-11-05')
    expect(input.attributes('aria-label')).toBe('休假第一天')
    for (const text of ['2026-11-02', '2026-11-21']) await type(text)
    expect(value.value).toBe('2026-11-05')
    await type('2026-11-20')
    expect(value.value).toBe('2026-11-20')
  })
})

it('a time of day is hours and minutes', async () => {
  const { value, type, shown } = await field({ kind: 'time', required: true }, '09:00')
  expect(shown()).toBe('09:00')
  await type('23:59')
  expect(value.value).toBe('23:59')
})
