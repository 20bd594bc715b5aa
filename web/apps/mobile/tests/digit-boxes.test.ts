import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import DigitBoxes from '../src/features/join/DigitBoxes.vue'

function boxes() {
  const wrapper = mount(DigitBoxes, { props: { length: 6, label: '会议码', modelValue: '', 'onUpdate:modelValue': (value: string) => wrapper.setProps({ modelValue: value }) } })
  return wrapper
}

it('takes what people type and paste: full-width digits, blanks, too many', async () => {
  const wrapper = boxes()
  await wrapper.find('input').setValue('１2 3-4５67')
  expect(wrapper.props('modelValue')).toBe('123456')
  expect(wrapper.emitted('complete')).toHaveLength(1)
  expect(wrapper.findAll('.box').map((box) => box.text())).toEqual(['1', '2', '3', '4', '5', '6'])
})

it('does not submit the same code twice by itself', async () => {
  const wrapper = boxes()
  await wrapper.find('input').setValue('123456')
  await wrapper.find('input').setValue('1234567')
  expect(wrapper.emitted('complete')).toHaveLength(1)
})

it('is one labelled field for a screen reader', () => {
  const input = boxes().find('input')
  expect(input.attributes('aria-label')).toBe('会议码')
  expect(input.attributes('inputmode')).toBe('numeric')
})
