/** The account form as the wire objects of "create" and "change". Empty fields are not sent. */
import type { Schema } from '@dr/api'
import type { Role, StaffUser } from './api'

export interface UserFields {
  login: string
  display_name: string
  roles: Role[]
  password: string
  phone: string
  org_code: string
  team: string
  agent_kind: Schema<'AgentKind'> | ''
  agent_code: string
  company_code: string
  work_no: string
  channel_code: string
  outlet_code: string
  licence_no: string
}

export const emptyUser = (): UserFields => ({
  login: '', display_name: '', roles: [], password: '', phone: '', org_code: '', team: '', agent_kind: '', agent_code: '', company_code: '', work_no: '', channel_code: '', outlet_code: '', licence_no: '',
})

export const fieldsOf = (user: StaffUser): UserFields => ({
  ...emptyUser(), login: user.login, display_name: user.display_name, roles: [...user.roles], org_code: user.org_code, team: user.team, agent_kind: user.agent_kind ?? '',
  agent_code: user.agent_code, company_code: user.company_code, work_no: user.work_no, channel_code: user.channel_code, outlet_code: user.outlet_code, licence_no: user.licence_no,
})

export function newUserOf(fields: UserFields): Schema<'NewUser'> {
  const isAgent = fields.roles.includes('agent')
  return {
    login: fields.login, display_name: fields.display_name, roles: fields.roles, password: fields.password,
    ...given('phone', fields.phone), ...given('org_code', fields.org_code), ...given('team', fields.team),
    ...(isAgent
      ? {
          ...given('agent_kind', fields.agent_kind), ...given('agent_code', fields.agent_code), ...given('company_code', fields.company_code), ...given('work_no', fields.work_no),
          ...given('channel_code', fields.channel_code), ...given('outlet_code', fields.outlet_code), ...given('licence_no', fields.licence_no),
        }
      : {}),
  } as Schema<'NewUser'>
}

/** Only what differs from the account. */
export function patchOf(before: StaffUser, fields: UserFields): Schema<'UserPatch'> {
  const patch: Record<string, unknown> = {}
  for (const key of ['display_name', 'org_code', 'team', 'channel_code', 'outlet_code', 'licence_no'] as const) {
    if (fields[key] && fields[key] !== before[key]) patch[key] = fields[key]
  }
  if (fields.phone) patch.phone = fields.phone
  if ([...fields.roles].sort().join() !== [...before.roles].sort().join()) patch.roles = fields.roles
  return patch as Schema<'UserPatch'>
}

function given(key: string, value: string): Record<string, string> {
  return value ? { [key]: value } : {}
}
