/** What a kept page holds, by kind: the wire models of the customer's pages as they were shown. */
import type { KeptPageContent } from './api'

export interface Header {
  policy_no: string
  product_name: string
  policyholder_name: string
  insured_name: string
  premium_text: string
}
export interface Line {
  id: string
  text: string
  answer?: 'yes' | 'no'
}
interface Point {
  x: number
  y: number
}
/** Everything a page may hold; what a kind does not have stays away. */
export interface Shown {
  header?: Header
  title?: string
  notice?: string
  tick?: string
  requires_tick?: boolean
  min_answer_seconds?: number
  questions?: Line[]
  answers?: Line[]
  remark?: string
  has_remark?: boolean
  can_abort?: boolean
  outcome?: 'success' | 'phone' | 'aborted' | 'open'
  thanks?: string
  policy_no?: string
  desk_phone?: string
  desk_hours?: string
  method?: 'face' | 'sms_code'
  challenge?: 'turns' | 'digits'
  asked?: string | string[]
  heard?: string
  similarity?: number | null
  threshold?: number | null
  is_live?: boolean | null
  result?: 'passed' | 'failed' | 'locked' | 'not_measured'
  reason?: string | null
  video_sha256?: string
  strokes_sha256?: string
}

export const shownOf = (page: KeptPageContent): Shown => page.content as Shown

/** The signature as an SVG path on a pad of 315 × 150, as wide as the phone's, or empty where it cannot be read. */
export function signaturePath(page: KeptPageContent): string {
  try {
    const strokes = JSON.parse(String(page.content.strokes ?? '[]')) as Point[][]
    return strokes.map((stroke) => stroke.map(({ x, y }, index) => `${index ? 'L' : 'M'}${(x * 315).toFixed(1)} ${(y * 150).toFixed(1)}`).join('')).join('')
  } catch {
    return ''
  }
}
