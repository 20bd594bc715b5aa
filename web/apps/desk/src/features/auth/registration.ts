/** What the registration form asks of each kind of agent (S4), and how it becomes the wire object. */
import type { Schema } from '@dr/api'
import { isMobileNumber, plainCode } from '@dr/ui'
import type { Registration } from './api'

export type AgentKind = Schema<'AgentKind'>

export interface RegistrationForm {
  agent_kind: AgentKind
  agent_name: string
  agent_code: string
  company_code: string
  work_no: string
  org_code: string
  sex: 'male' | 'female' | ''
  phone: string
  sms_code: string
  channel_code: string
  outlet_code: string
  licence_no: string
  password: string
  password_again: string
}

export type FieldName = Exclude<keyof RegistrationForm, 'agent_kind'>

export const emptyForm = (): RegistrationForm => ({
  agent_kind: 'company', agent_name: '', agent_code: '', company_code: '', work_no: '', org_code: '', sex: '', phone: '', sms_code: '',
  channel_code: 'individual', outlet_code: '', licence_no: '', password: '', password_again: '',
})

const FIELDS: Record<AgentKind, FieldName[]> = {
  company: ['agent_name', 'sex', 'agent_code', 'licence_no', 'org_code', 'channel_code', 'outlet_code', 'phone', 'sms_code', 'password', 'password_again'],
  bank: ['agent_name', 'sex', 'agent_code', 'licence_no', 'org_code', 'channel_code', 'outlet_code', 'phone', 'sms_code', 'password', 'password_again'],
  intermediary: ['agent_name', 'sex', 'company_code', 'work_no', 'licence_no', 'org_code', 'phone', 'sms_code', 'password', 'password_again'],
}

export const fieldsOf = (kind: AgentKind): FieldName[] => FIELDS[kind]

const CODE = /^[A-Za-z0-9_.-]{1,40}$/
const CODES: FieldName[] = ['agent_code', 'company_code', 'work_no', 'org_code', 'outlet_code', 'licence_no']

/** The rule a field breaks (a key below `auth.rule`), or null. */
export function faultOf(field: FieldName, form: RegistrationForm): 'required' | 'phone' | 'sms_code' | 'code' | 'password' | 'password_again' | null {
  const value = form[field].trim()
  if (!value) return 'required'
  if (field === 'phone' && !isMobileNumber(value)) return 'phone'
  if (field === 'sms_code' && !/^[0-9]{6}$/.test(plainCode(value))) return 'sms_code'
  if (CODES.includes(field) && !CODE.test(value.normalize('NFKC'))) return 'code'
  if (field === 'password' && form.password.length < 10) return 'password'
  if (field === 'password_again' && form.password !== form.password_again) return 'password_again'
  return null
}

/** The wire object; the bank's and the intermediary's channel are fixed. */
export function toWire(form: RegistrationForm): Registration {
  const common = {
    agent_name: form.agent_name.trim(), sex: form.sex as 'male' | 'female', phone: form.phone, sms_code: form.sms_code,
    password: form.password, org_code: form.org_code.trim(), licence_no: form.licence_no.trim(),
  }
  if (form.agent_kind === 'intermediary') {
    return { ...common, agent_kind: 'intermediary', company_code: form.company_code.trim(), work_no: form.work_no.trim(), channel_code: 'intermediary' }
  }
  const seller = { ...common, agent_code: form.agent_code.trim(), outlet_code: form.outlet_code.trim() }
  if (form.agent_kind === 'bank') return { ...seller, agent_kind: 'bank', channel_code: 'bank' }
  return { ...seller, agent_kind: 'company', channel_code: form.channel_code as 'individual' | 'group' | 'telephone' }
}
