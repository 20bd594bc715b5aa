/** The API client of the customer pages. Tickets are given per call: a customer has no account and no cookie. */
import { ApiClient } from '@dr/api'

export const publicApi = new ApiClient()

export function apiWith(ticket: string): ApiClient {
  return new ApiClient({ token: () => ticket })
}
