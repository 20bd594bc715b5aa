import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import TickBox from '../src/shared/TickBox.vue'

function box(more: object = {}) {
  const wrapper = mount(TickBox, { props: { testid: 'agree', modelValue: false, 'onUpdate:modelValue': (value: boolean) => wrapper.setProps({ modelValue: value }), ...more }, slots: { default: '<span>我同意</span>' } })
  return wrapper
}

it('is one label whose words tick the box', async () => {
  const wrapper = box()
  expect(wrapper.element.tagName).toBe('LABEL')
  expect(wrapper.text()).toBe('我同意')
  await wrapper.get('[data-testid="agree"]').setValue(true)
  expect(wrapper.props('modelValue')).toBe(true)
  expect(wrapper.classes()).toContain('on')
  await wrapper.get('input').setValue(false)
  expect(wrapper.classes()).not.toContain('on')
})

it('cannot be ticked where the choice is not open', () => {
  const wrapper = box({ disabled: true })
  expect(wrapper.get('input').element.disabled).toBe(true)
  expect(wrapper.classes()).toContain('off')
})
