/** Calls of the web entry. Until a password or a code is right, no answer tells whether somebody is a customer. */
import { ApiClient, type Schema } from '@dr/api'
import { apiWith, publicApi } from '../../shared/client'

export type EntryState = Schema<'EntryState'>
export type EntryPolicies = Schema<'EntryPolicies'>
export type BindTicket = Schema<'BindTicket'>

const BASE = '/api/v1/customer/entry'

export const showState = () => publicApi.get(BASE)
export const sendCode = (cert_no: string, phone: string) => publicApi.post(`${BASE}/bind/code`, { body: { cert_no, phone } })
export const checkCode = (cert_no: string, phone: string, code: string) => publicApi.post(`${BASE}/bind/check`, { body: { cert_no, phone, code } })
/** The answer's cookie makes this browser known. */
export const bind = (ticket: string, password: string) => new ApiClient({ token: () => ticket, keepsCookies: true }).post(`${BASE}/bind`, { body: { password } })
export const signIn = (password: string, cert_no: string | null) => publicApi.post(`${BASE}/sign-in`, { body: { password, cert_no } })
export const forget = () => publicApi.post(`${BASE}/forget`)
export const listPolicies = (ticket: string) => apiWith(ticket).get(`${BASE}/policies`)
export const openPolicy = (ticket: string, id: string) => apiWith(ticket).post(`${BASE}/policies/{callback_id}`, { path: { callback_id: id } })
