import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type ImageKind = Schema<'ImageKind'>
export type IdentityImage = Schema<'IdentityImageView'>

const IMAGE = '/api/v1/cases/{case_id}/participants/{participant_id}/images/{kind}' as const

export const fetchIdentity = (case_id: string, signal?: AbortSignal) => api.get('/api/v1/cases/{case_id}/identity', { path: { case_id }, signal })
export const putImage = (case_id: string, participant_id: string, kind: ImageKind, image: Blob) =>
  api.upload<IdentityImage>('PUT', IMAGE, image, { case_id, participant_id, kind })
export const sendLink = (case_id: string, participant_id: string) =>
  api.post('/api/v1/cases/{case_id}/participants/{participant_id}/identity-link', { path: { case_id, participant_id } })
