import { describe, expect, it } from 'vitest'
import { clock, countdown, exactDate, exactTime, fileSize, groupDigits, isMobileNumber, money, plainCode, relativeTime, splitMask } from '../src/format'

const now = Date.parse('2026-11-22T04:00:00Z')

describe('times', () => {
  it('shows instants in the company time zone', () => {
    expect(exactTime('2026-11-22T00:08:09Z')).toBe('2026/11/22 08:08:09')
    expect(exactDate('1964-10-13')).toBe('1964/10/13')
  })

  it.each([
    ['2026-11-22T03:59:40Z', '刚刚'],
    ['2026-11-22T03:55:00Z', '5 分钟前'],
    ['2026-11-22T06:00:00Z', '2 小时后'],
    ['2026-11-20T04:00:00Z', '2 天前'],
  ])('says %s as %s', (iso, text) => expect(relativeTime(iso, now)).toBe(text))

  it('keeps what is no instant', () => expect(relativeTime('不是时间', now)).toBe('不是时间'))

  it('writes clocks and countdowns', () => {
    expect(clock(451_900)).toBe('00:07:31')
    expect(clock(-5)).toBe('00:00:00')
    expect(countdown(1_747_000)).toBe('29:07')
    expect(countdown(3_729_000)).toBe('1:02:09')
  })
})

describe('values', () => {
  it('groups six digits in threes and longer numbers in fours', () => {
    expect(groupDigits('045529')).toEqual(['045', '529'])
    expect(groupDigits('123456789')).toEqual(['1234', '5678', '9'])
  })

  it('writes money from fen and leaves a dash for nothing', () => {
    expect(money(2_000_050)).toBe('¥20,000.50')
    expect(money(null)).toBe('—')
  })

  it('writes sizes', () => {
    expect(fileSize(512)).toBe('512 B')
    expect(fileSize(3_565_158)).toBe('3.4 MB')
    expect(fileSize(undefined)).toBe('—')
  })

  it('sets the hidden part of a mask apart', () => {
    expect(splitMask('138****1001')).toEqual([
      { text: '138', hidden: false },
      { text: '****', hidden: true },
      { text: '1001', hidden: false },
    ])
  })
})

describe('what people type', () => {
  it('reads full-width digits and groups as the server does', () => {
    expect(plainCode('１２３ ４５６')).toBe('123456')
    expect(plainCode('ＡＢ　１２')).toBe('AB12')
    expect(isMobileNumber('１３８ ００１３ ８０００')).toBe(true)
    expect(isMobileNumber('138 0013 800')).toBe(false)
    expect(isMobileNumber('١٣٨٠٠١٣٨٠٠٠')).toBe(false)
  })
})
