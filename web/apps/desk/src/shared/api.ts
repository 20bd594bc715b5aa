/** The desk's one API client. The session cookie goes along; a lost session is announced to whoever listens. */
import { ApiClient, type ApiProblem } from '@dr/api'

let onSignedOut: (problem: ApiProblem) => void = () => {}

/** The router sets what happens when the server no longer knows us. */
export function whenSignedOut(handler: (problem: ApiProblem) => void): void {
  onSignedOut = handler
}

export const api = new ApiClient({ onSignedOut: (problem) => onSignedOut(problem) })
