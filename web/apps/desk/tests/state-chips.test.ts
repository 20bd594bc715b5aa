import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import StateChips from '../src/shared/StateChips.vue'

const chips = [
  { value: 'open', label: '待处理', count: 3, testid: 'view-open' },
  { value: 'done', label: '已完成', count: null },
  { value: 'all', label: '全部' },
] as const

describe('the chips over a list', () => {
  it('count what is known, say which view is shown, and choose another', async () => {
    const bar = mount(StateChips, { props: { chips, label: '筛选', modelValue: 'open' } })
    expect(bar.findAll('button').map((button) => button.text())).toEqual(['待处理3', '已完成–', '全部'])
    expect(bar.findAll('button').map((button) => button.attributes('aria-pressed'))).toEqual(['true', 'false', 'false'])
    expect(bar.find('[data-testid=view-open]').classes()).toContain('on')
    await bar.findAll('button')[1]!.trigger('click')
    expect(bar.emitted('update:modelValue')).toEqual([['done']])
  })
})
