/** Errors of the API as the pages handle them (RFC 9457 problem+json with a stable `code`). */

export interface ProblemBody {
  type?: string
  title?: string
  status: number
  code: string
  retryable: boolean
  params: Record<string, unknown>
}

/** Codes the client itself gives when no problem document came back. */
export const OFFLINE = 'OFFLINE'
export const TIMED_OUT = 'TIMED_OUT'
export const UNEXPECTED = 'UNEXPECTED_RESPONSE'

/** A refusal or fault; `code` chooses the text, `params` fill it. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly retryable: boolean
  readonly params: Record<string, unknown>

  constructor(body: ProblemBody) {
    super(body.code)
    this.name = 'ApiProblem'
    this.status = body.status
    this.code = body.code
    this.retryable = body.retryable
    this.params = body.params
  }

  /** The invalid fields of a `REQUEST_INVALID` problem, by path. */
  get fields(): Record<string, string> {
    const list = Array.isArray(this.params.fields) ? (this.params.fields as { path?: string; code?: string }[]) : []
    return Object.fromEntries(list.map((field) => [field.path ?? '', field.code ?? 'invalid']))
  }

  get isOffline(): boolean {
    return this.code === OFFLINE || this.code === TIMED_OUT
  }
}

/** Any thrown value as a problem. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new ApiProblem({ status: 0, code: TIMED_OUT, retryable: true, params: {} })
  }
  if (error instanceof TypeError) return new ApiProblem({ status: 0, code: OFFLINE, retryable: true, params: {} })
  return new ApiProblem({ status: 0, code: UNEXPECTED, retryable: false, params: {} })
}

/** The problem in a failed response; a body that is none becomes `UNEXPECTED_RESPONSE`. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const body = (await response.json()) as Partial<ProblemBody>
    if (typeof body.code === 'string') {
      return new ApiProblem({
        status: response.status,
        code: body.code,
        retryable: body.retryable ?? false,
        params: body.params ?? {},
      })
    }
  } catch {
    // not JSON: fall through to the general code
  }
  return new ApiProblem({ status: response.status, code: UNEXPECTED, retryable: response.status >= 500, params: {} })
}
