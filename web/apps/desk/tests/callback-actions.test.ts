import { createLocale } from '@dr/locale'
import { mount } from '@vue/test-utils'
import ElementPlus from 'element-plus'
import { describe, expect, it } from 'vitest'
import ActionPanel from '../src/features/callbacks/ActionPanel.vue'
import type { CallbackDetail } from '../src/features/callbacks/api'
import texts from '../src/features/callbacks/locale.zh-CN'
import ProblemSteps from '../src/features/callbacks/ProblemSteps.vue'

const VIEW = {
  id: 'cb_1', state: 'phone', result: 'not_done', problem_category: '', verification: '', signed_paper: '', phone_attempts: 0, phone_attempts_max: 4, can_call_from: null, allowed: ['close', 'inbound_call', 'phone_result'],
  call_results: { outbound: ['success', 'problem', 'no_answer'], inbound: ['success', 'problem', 'refused'] }, desk: { is_open: true, opens_at: '2026-11-23T01:00:00Z', hours: '工作日 09:00–17:30', number: '' },
  policy: { phone: '13700008888' }, questions: [], files: [],
} as unknown as CallbackDetail
const plugins = [createLocale(texts), ElementPlus]

describe('a customer who calls in', () => {
  it('is taken for nobody before the number that the telephone showed is written down', async () => {
    const panel = mount(ActionPanel, { props: { view: VIEW, heard: {}, isBusy: false }, global: { plugins } })
    expect(panel.find('input[data-testid="caller-number"]').exists()).toBe(false)
    await panel.get('[data-testid="phone-result-inbound"] input, input[data-testid="phone-result-inbound"]').setValue(true)
    await panel.get('[data-testid="phone-result-success"]').trigger('click')
    expect(panel.text()).toContain('请填写来电显示的 11 位手机号')
    await panel.get('[data-testid="phone-result-save"]').trigger('click')
    expect(panel.emitted('command')).toBeUndefined()
    await panel.get('input[data-testid="caller-number"]').setValue('13911112222')
    await panel.get('[data-testid="phone-result-save"]').trigger('click')
    expect(panel.emitted('command')?.[0]?.[0]).toMatchObject({ command: 'phone_result', result: 'success', from_phone: '13911112222' })
  })
})

describe('the explanation of a problem case', () => {
  it('is a call: it waits for the hours of the desk', () => {
    const states = [true, false].map((is_open) => {
      const view = { ...VIEW, state: 'problem', verification: 'explanation', allowed: ['classify', 'explained'], desk: { ...VIEW.desk, is_open } } as CallbackDetail
      const steps = mount(ProblemSteps, { props: { view, isBusy: false }, global: { plugins } })
      return ['explained', 'explained-visit'].map((name) => steps.get(`[data-testid="${name}"]`).attributes('disabled') === undefined)
    })
    expect(states).toEqual([[true, true], [false, false]])
  })
})

describe('the second call of a problem case', () => {
  const view = { ...VIEW, state: 'problem', verification: 'verify_call', allowed: ['classify', 'verify_call'] } as CallbackDetail
  const choose = (steps: ReturnType<typeof mount>, name: string, index: number) => steps.findAll(`[data-testid="${name}"] input`)[index]?.setValue(true)

  it('asks for the explanation and, where a form came back, for the signature', async () => {
    const steps = mount(ProblemSteps, { props: { view: { ...view, signed_paper: 'visit_form' }, isBusy: false }, global: { plugins } })
    await choose(steps, 'verify-explained', 0)
    expect(steps.get('[data-testid="verify-save"]').attributes('disabled')).toBeDefined()
    await choose(steps, 'verify-signature', 1)
    expect(steps.text()).toContain('核实不符')
    await steps.get('[data-testid="verify-save"]').trigger('click')
    expect(steps.emitted('command')?.[0]?.[0]).toMatchObject({ command: 'verify_call', is_confirmed: true, is_signature_genuine: false })
  })

  it('asks for no signature where nothing was signed', async () => {
    const steps = mount(ProblemSteps, { props: { view, isBusy: false }, global: { plugins } })
    expect(steps.find('[data-testid="verify-signature"]').exists()).toBe(false)
    await choose(steps, 'verify-explained', 0)
    await steps.get('[data-testid="verify-save"]').trigger('click')
    expect(steps.emitted('command')?.[0]?.[0]).toMatchObject({ is_confirmed: true, is_signature_genuine: null })
  })
})
