import { api } from '../../shared/api'

export const changePassword = (current: string, next: string) => api.post('/api/v1/auth/password', { body: { current, new: next } })
export const startTotp = () => api.post('/api/v1/auth/totp')
export const confirmTotp = (code: string) => api.post('/api/v1/auth/totp/confirm', { body: { code } })
