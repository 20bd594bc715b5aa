import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { type Chosen, fenOf, isAmount, read, useDraft, write, yuanOf } from './rule-draft'
import { whyText } from './why'

const chosen = () => ref<Chosen | null>({ kind: 'rulebook', id: 'S3', version: 1 })

describe('a draft of a rulebook', () => {
  beforeEach(() => localStorage.clear())

  it('reads and writes by path, making missing levels', () => {
    const data = { phone: { hours: { opens: '09:00' } } }
    expect(read(data, 'phone.hours.opens')).toBe('09:00')
    expect(read(data, 'sms.mode')).toBeUndefined()
    write(data, 'sms.mode', 'none')
    expect(read(data, 'sms.mode')).toBe('none')
  })

  it('shows an amount in yuan and keeps it in fen', () => {
    expect([isAmount('service_calls.amount_from_fen'), isAmount('sms.at')]).toEqual([true, false])
    expect([yuanOf(100_000), yuanOf(12_345), yuanOf('1x'), yuanOf(undefined)]).toEqual(['1000', '123.45', '1x', ''])
    expect([fenOf('1000'), fenOf(' 5 '), fenOf('1x'), fenOf('')]).toEqual([100_000, 500, '1x', ''])
  })

  it('survives a closed page until it is thrown away', async () => {
    const first = useDraft(chosen())
    first.open({ window: { days: 3 } })
    write(first.data.value, 'window.days', '三天')
    await nextTick()
    expect(first.isChanged.value).toBe(true)
    const second = useDraft(chosen())
    second.open({ window: { days: 3 } })
    expect(read(second.data.value, 'window.days')).toBe('三天')
    second.discard()
    await nextTick()
    expect(second.isChanged.value).toBe(false)
    const third = useDraft(chosen())
    third.open({ window: { days: 3 } })
    expect(read(third.data.value, 'window.days')).toBe(3)
  })

  it('keeps text that cannot be read, and takes it over when it can', async () => {
    const draft = useDraft(chosen())
    draft.open({ window: { days: 3 } })
    draft.typed('{"window": {"days": 4')
    expect(draft.textFault.value).not.toBe('')
    expect(draft.text.value).toBe('{"window": {"days": 4')
    expect(read(draft.data.value, 'window.days')).toBe(3)
    draft.typed('{"window": {"days": 4}}')
    await nextTick()
    expect(draft.textFault.value).toBe('')
    expect(read(draft.data.value, 'window.days')).toBe(4)
  })
})

it('says what is wrong in plain words, and never swallows what it does not know', () => {
  expect(whyText('must be a whole number')).toBe('请填写整数。')
  expect(whyText('must be 0 to 3600')).toBe('请填写 0 到 3600 之间的数。')
  expect(whyText('must be 1 to 1440')).toBe('请填写 1 到 1440 之间的数。')
  expect(whyText('unknown merge field phon')).toBe('没有这个合并项：phon。')
  expect(whyText('something new')).toBe('something new')
})
