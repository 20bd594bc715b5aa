/** Calls of the customer's own capture page; the ticket comes from the link of the SMS. */
import type { Schema } from '@dr/api'
import { apiWith } from '../../shared/client'

export type CustomerIdentity = Schema<'CustomerIdentity'>
export type CustomerImage = Schema<'CustomerImage'>
export type ImageKind = CustomerImage['kind']

export const show = (ticket: string) => apiWith(ticket).get('/api/v1/customer/identity')
export const put = (ticket: string, kind: ImageKind, picture: Blob) =>
  apiWith(ticket).upload<CustomerImage>('PUT', '/api/v1/customer/identity/images/{kind}', picture, { kind })
