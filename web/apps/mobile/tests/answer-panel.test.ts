import { createLocale } from '@dr/locale'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { shallowRef } from 'vue'
import AnswerPanel from '../src/features/room/AnswerPanel.vue'
import locale from '../src/features/room/locale.zh-CN'
import { ROOM } from '../src/features/room/room'

type Answer = { person_id: string; name: string; state: string; attempt: number; is_satisfied: boolean; text: string | null }
const answer = (person_id: string, state: string, more: Partial<Answer> = {}): Answer => ({ person_id, name: person_id, state, attempt: 1, is_satisfied: state === 'affirmative', text: null, ...more })

function panel(answers: Answer[], prompt = 'finished', must_repeat: string[] = []) {
  const view = { me: { person_ids: answers.map((one) => one.person_id) }, node: { answers, prompt: { state: prompt }, must_repeat } }
  const room = { view: shallowRef(view), partial: shallowRef('') }
  return mount(AnswerPanel, { global: { plugins: [createLocale(locale)], provide: { [ROOM as symbol]: room }, stubs: { LevelBar: true } } })
}

describe('what a customer is told about the answer', () => {
  it('asks to wait between the end of the prompt and the beginning of the listening', () => {
    const page = panel([answer('王建国', 'waiting')])
    expect(page.text()).toBe('马上请您回答，请稍候')
    expect(page.find('[data-testid="listening"]').exists()).toBe(false)
  })

  it('says nothing before the first question is over, and nothing to whoever has to hear it again', () => {
    expect(panel([answer('王建国', 'waiting', { attempt: 0 })]).text()).toBe('')
    expect(panel([answer('王建国', 'waiting')], 'playing').text()).toBe('')
    expect(panel([answer('王建国', 'waiting')], 'finished', ['王建国']).text()).toBe('')
  })

  it('names whose turn it is when two people share the phone', () => {
    const page = panel([answer('王建国', 'affirmative', { text: '是的' }), answer('李梅', 'listening')])
    expect(page.get('[data-testid="listening"]').text()).toBe('正在听李梅说…')
    expect(panel([answer('王建国', 'affirmative'), answer('李梅', 'unclear')]).text()).toContain('李梅：没有听清')
    expect(panel([answer('王建国', 'listening')]).get('[data-testid="listening"]').text()).toBe('正在听您说…')
  })
})
