import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export const fetchOptions = (signal?: AbortSignal) => api.get('/api/v1/auth/options', { signal })
export const fetchMe = () => api.get('/api/v1/auth/me')
export const signIn = (body: Schema<'SignIn'>) => api.post('/api/v1/auth/sign-in', { body })
export const signOut = () => api.post('/api/v1/auth/sign-out')
export const requestSmsCode = (phone: string) => api.post('/api/v1/auth/sms-codes', { body: { phone, purpose: 'registration' } })

export type Registration = Schema<'CompanyRegistration'> | Schema<'BankRegistration'> | Schema<'IntermediaryRegistration'>
export const register = (body: Registration) => api.post('/api/v1/auth/registrations', { body })
