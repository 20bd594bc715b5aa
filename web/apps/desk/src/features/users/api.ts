import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type StaffUser = Schema<'User'>
export type Role = Schema<'Role'>
export const PAGE_SIZE = 20
export const ROLES: Role[] = ['agent', 'inspector', 'callback_operator', 'administrator', 'compliance']
export const STATUSES: Schema<'StaffStatus'>[] = ['active', 'pending', 'disabled']

export const fetchUsers = (filter: { q: string; role: string; status: string }, page: number, signal?: AbortSignal) =>
  api.get('/api/v1/admin/users', {
    query: { q: filter.q, role: (filter.role || undefined) as Role | undefined, status: (filter.status || undefined) as Schema<'StaffStatus'> | undefined, page, page_size: PAGE_SIZE },
    signal,
  })
export const createUser = (body: Schema<'NewUser'>) => api.post('/api/v1/admin/users', { body })
export const changeUser = (user_id: string, body: Schema<'UserPatch'>) => api.patch('/api/v1/admin/users/{user_id}', { path: { user_id }, body })
export const resetPassword = (user_id: string) => api.post('/api/v1/admin/users/{user_id}/reset-password', { path: { user_id } })
export const signOutUser = (user_id: string) => api.post('/api/v1/admin/users/{user_id}/sign-out', { path: { user_id } })
