/** Calls of the way in: code, SMS, roles, consents. */
import type { Schema } from '@dr/api'
import { apiWith, publicApi } from '../../shared/client'

export type JoinInfo = Schema<'JoinInfo'>
export type JoinVerified = Schema<'JoinVerified'>
export type RoleChoice = Schema<'RoleChoice'>
export type SeatTicket = Schema<'SeatTicket'>
export type ConsentText = Schema<'ConsentText'>
export type Consents = Schema<'ConsentRequest'>

export const lookUp = (code: string) => publicApi.post('/api/v1/join', { body: { code } })
export const sendSms = (code: string, phoneLast4: string) => publicApi.post('/api/v1/join/sms', { body: { code, phone_last4: phoneLast4 } })
export const verify = (code: string, phoneLast4: string, smsCode: string) =>
  publicApi.post('/api/v1/join/verify', { body: { code, phone_last4: phoneLast4, sms_code: smsCode } })
export const claim = (ticket: string, roleIds: string[]) => apiWith(ticket).post('/api/v1/join/claim', { body: { role_ids: roleIds } })
export const consent = (ticket: string, body: Consents) => apiWith(ticket).post('/api/v1/join/consents', { body })
