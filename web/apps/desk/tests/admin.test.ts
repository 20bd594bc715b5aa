import { describe, expect, it } from 'vitest'
import { emptyForm, faultOf, fieldsOf, toWire } from '../src/features/auth/registration'
import { todosOf } from '../src/features/overview/api'
import { alarmStatus, byGroup, worst } from '../src/features/health/summary'
import { conditionText, copyOf, fieldChanges, splitFields } from '../src/features/scripts/content'
import { emptyUser, newUserOf, patchOf } from '../src/features/users/userBody'

describe('registration (S4)', () => {
  const filled = () => ({ ...emptyForm(), agent_name: '张三', agent_code: 'A1', company_code: 'Z3', work_no: '7', org_code: '110101', sex: 'male' as const, phone: '13900000001', sms_code: '123456', outlet_code: 'W1', licence_no: 'L1', password: 'long-enough-1', password_again: 'long-enough-1' })

  it('asks each kind for its own fields', () => {
    expect(fieldsOf('company')).toContain('agent_code')
    expect(fieldsOf('bank')).toContain('outlet_code')
    expect(fieldsOf('intermediary')).toEqual(expect.arrayContaining(['company_code', 'work_no']))
    expect(fieldsOf('intermediary')).not.toContain('agent_code')
  })

  it('finds missing and false data', () => {
    const form = filled()
    expect(fieldsOf('company').map((field) => faultOf(field, form)).filter(Boolean)).toEqual([])
    expect(faultOf('phone', { ...form, phone: '12345678901' })).toBe('phone')
    expect(faultOf('agent_code', { ...form, agent_code: '张三' })).toBe('code')
    expect(faultOf('phone', { ...form, phone: '１３８００１３８０００' })).toBeNull()
    expect(faultOf('sms_code', { ...form, sms_code: '１２３４５６' })).toBeNull()
    expect(faultOf('agent_code', { ...form, agent_code: 'Ａ００１' })).toBeNull()
    expect(faultOf('password', { ...form, password: 'short' })).toBe('password')
    expect(faultOf('password_again', { ...form, password_again: 'other-password' })).toBe('password_again')
    expect(faultOf('agent_name', { ...form, agent_name: '  ' })).toBe('required')
  })

  it('fixes the channel of banks and intermediaries and sends nothing foreign', () => {
    expect(toWire({ ...filled(), agent_kind: 'bank', channel_code: 'telephone' })).toMatchObject({ channel_code: 'bank' })
    const wire = toWire({ ...filled(), agent_kind: 'intermediary' })
    expect(wire).toMatchObject({ channel_code: 'intermediary', company_code: 'Z3', work_no: '7' })
    expect(wire).not.toHaveProperty('agent_code')
    expect(wire).not.toHaveProperty('password_again')
  })
})

describe('accounts', () => {
  it('sends only what is filled, and codes for agents alone', () => {
    const fields = { ...emptyUser(), login: 'inspector2', display_name: '钱', roles: ['inspector' as const], password: 'long-enough-1', agent_code: 'A9' }
    expect(newUserOf(fields)).toEqual({ login: 'inspector2', display_name: '钱', roles: ['inspector'], password: 'long-enough-1' })
  })

  it('patches only differences', () => {
    const before = { id: 'u', login: 'a', display_name: '甲', roles: ['agent'], org_code: 'HQ', team: 't', channel_code: '', outlet_code: '', licence_no: 'L' } as never
    expect(patchOf(before, { ...emptyUser(), display_name: '乙', roles: ['agent'], org_code: 'HQ', team: 't', licence_no: 'L' })).toEqual({ display_name: '乙' })
    expect(patchOf(before, { ...emptyUser(), display_name: '甲', roles: ['agent', 'administrator'], org_code: 'HQ', team: 't', licence_no: 'L' })).toEqual({ roles: ['agent', 'administrator'] })
  })
})

describe('health', () => {
  const item = (group: 'process' | 'model' | 'notice', status: 'up' | 'down' | 'off' | 'degraded' | 'not_measured') => ({ group, status, name: group, detail: '', data: {} })
  it('leads with the worst; off is a choice, not measured is not up', () => {
    expect(worst([item('process', 'up'), item('model', 'down')])).toBe('down')
    expect(worst([item('process', 'up'), item('model', 'not_measured')])).toBe('not_measured')
    expect(worst([item('process', 'up'), item('model', 'off')])).toBe('up')
  })
  it('is never better than a standing alarm', () => {
    expect(worst([item('process', 'up'), { status: alarmStatus('lagging') }])).toBe('degraded')
    expect(worst([item('process', 'up'), { status: alarmStatus('lost') }])).toBe('down')
  })
  it('groups in a fixed order', () => expect(byGroup([item('notice', 'up'), item('process', 'up')]).map((part) => part.group)).toEqual(['process', 'notice']))
})

describe('talk scripts', () => {
  it('sets merge fields apart', () => {
    expect(splitFields('我是{{agent_name}}。')).toEqual([{ text: '我是', isField: false }, { text: 'agent_name', isField: true }, { text: '。', isField: false }])
  })
  it('tells lost and new merge fields', () => {
    expect(fieldChanges('{{a}}和{{b}}', '{{b}}和{{c}}')).toEqual({ lost: ['a'], gained: ['c'] })
  })
  it('says conditions in words', () => {
    const word = (key: string) => ({ channel: '渠道', bank: '银保', policyholder_age: '年龄', not_minor: '已成年' })[key] ?? key
    expect(conditionText({ channel: ['bank'], policyholder_age: { min: 60 }, minor: false }, word)).toBe('渠道：银保；年龄 ≥ 60；已成年')
  })
  it('edits a copy', () => {
    const original = { key: 'k', title: 't', nodes: [{ id: 'n', kind: 'notice', title: '甲', prompt: [{ text: 'x' }] }] }
    const copy = copyOf(original)
    copy.nodes[0]!.prompt![0]!.text = 'y'
    expect(original.nodes[0]?.prompt?.[0]?.text).toBe('x')
  })
})

describe('what waits for an administrator', () => {
  const item = (name: string, status: 'up' | 'degraded' | 'down' | 'off') => ({ group: 'store' as const, name, status, detail: '', data: {} })

  it('tells what is down from what works with a limit and from what is off', () => {
    const todos = todosOf({ items: [], total: 0 }, {}, [], [item('对象存储', 'up'), item('对象锁定', 'off'), item('数据盘', 'degraded'), item('语音进程', 'down')])
    expect(todos.map((todo) => [todo.key, todo.details])).toEqual([['down', ['语音进程：']], ['degraded', ['数据盘：']], ['off', ['对象锁定：']]])
    expect(todosOf({ items: [], total: 0 }, {}, [], [item('对象存储', 'up')])).toEqual([])
  })
})
