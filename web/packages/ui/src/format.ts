/** Values as people read them: times, durations, codes, money, masks. Everything is shown in the company's time zone. */

export const TIME_ZONE = 'Asia/Shanghai'

const exactFormat = new Intl.DateTimeFormat('zh-CN', {
  timeZone: TIME_ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
})
const dayFormat = new Intl.DateTimeFormat('zh-CN', { timeZone: TIME_ZONE, month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
const dateFormat = new Intl.DateTimeFormat('zh-CN', { timeZone: TIME_ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })

/** `2026/11/22 08:09:04`, Asia/Shanghai. */
export function exactTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : exactFormat.format(at)
}

/** The date alone. */
export function exactDate(iso: string): string {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(iso) ? `${iso}T12:00:00+08:00` : iso)
  return Number.isNaN(at.getTime()) ? iso : dateFormat.format(at)
}

/** 刚刚, 3 分钟前, 2 小时后 … then the day itself. */
export function relativeTime(iso: string, now: number = Date.now()): string {
  const at = new Date(iso).getTime()
  if (Number.isNaN(at)) return iso
  const seconds = Math.round((at - now) / 1000)
  const size = Math.abs(seconds)
  if (size < 45) return '刚刚'
  const side = seconds > 0 ? '后' : '前'
  if (size < 3600) return `${Math.round(size / 60)} 分钟${side}`
  if (size < 86_400) return `${Math.round(size / 3600)} 小时${side}`
  if (size < 7 * 86_400) return `${Math.round(size / 86_400)} 天${side}`
  return dayFormat.format(at)
}

/** Milliseconds as `00:07:31`. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(total / 3600))}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`
}

/** Seconds left as `29:07`, or `1:02:09`. */
export function countdown(ms: number): string {
  const text = clock(ms)
  return text.startsWith('00:') ? text.slice(3) : text.replace(/^0/, '')
}

/** `123456` → [`123`, `456`]; other lengths in fours. */
export function groupDigits(code: string): string[] {
  const size = code.length === 6 ? 3 : 4
  return code.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
}

/** Integer fen as `¥12,000.00`. */
export function money(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return '—'
  return `¥${(fen / 100).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** Bytes as `3.4 MB`. */
export function fileSize(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '—'
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** A masked value in visible and hidden parts. */
export function splitMask(value: string): { text: string; hidden: boolean }[] {
  return (value.match(/[*•]+|[^*•]+/g) ?? []).map((text) => ({ text, hidden: /^[*•]/.test(text) }))
}

/** Digits and codes as typed on a Chinese keyboard or pasted with spaces, in the plain form that the server compares. */
export const plainCode = (text: string): string => text.normalize('NFKC').replace(/\s/g, '')

/** Whether it is a mobile number of the mainland, however it was typed. */
export const isMobileNumber = (text: string): boolean => /^1[3-9][0-9]{9}$/.test(plainCode(text))
