import type { Schema } from '@dr/api'
import { api } from '../../shared/api'

export type Hit = Schema<'SearchHit'>
export type Wanted = Schema<'SearchBody'>

/** A POST, so that an ID number never stands in an address. */
export const search = (body: Partial<Wanted>, signal?: AbortSignal) => api.post('/api/v1/search', { body: body as Wanted, signal })
