/**
 * One fetch client for both apps. Staff pages send the session cookie, customer pages a bearer token.
 * Paths, parameters, bodies and answers are typed by the generated `paths`.
 *
 * Retry: a GET is repeated up to twice when the network fails or the server answers with a retryable 5xx; everything
 * else is sent once, so that no command is carried out twice.
 */
import { ApiProblem, problemOf, toProblem, UNEXPECTED } from './problem'
import type { paths } from './schema'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, infer O> ? (O extends object ? P : never) : never }[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never

type PathParams<O> = O extends { parameters: { path: infer T } } ? T : never
type QueryParams<O> = O extends { parameters: { query?: infer T } } ? NonNullable<T> : never
type JsonBody<O> = O extends { requestBody: { content: { 'application/json': infer T } } } ? T : never
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? (R[S] extends { content: { 'application/json': infer T } } ? T : undefined) : never }[keyof R]
  : undefined

type Input<O> = ([PathParams<O>] extends [never] ? unknown : { path: PathParams<O> }) &
  ([QueryParams<O>] extends [never] ? unknown : { query?: QueryParams<O> }) &
  ([JsonBody<O>] extends [never] ? unknown : { body: JsonBody<O> }) & { signal?: AbortSignal }

type Args<O> = [PathParams<O>, JsonBody<O>] extends [never, never] ? [input?: Input<O>] : [input: Input<O>]

export interface ClientOptions {
  /** Origin and prefix in front of the paths; empty for the same origin. */
  baseUrl?: string
  /** The customer's bearer token, when there is one. */
  token?: () => string | null
  /** Called once for each 401, before the problem is thrown. */
  onSignedOut?: (problem: ApiProblem) => void
  timeoutMs?: number
  fetch?: typeof fetch
  /** Waits between attempts; tests give their own. */
  pause?: (ms: number) => Promise<void>
  /** With a token: cookies of this server are sent and kept all the same (the web entry remembers a browser). */
  keepsCookies?: boolean
}

interface RawInput {
  path?: Record<string, string | number>
  query?: Record<string, unknown>
  body?: unknown
  signal?: AbortSignal
}

const RETRY_PAUSES_MS = [300, 1200]

export class ApiClient {
  constructor(private readonly options: ClientOptions = {}) {}

  get<P extends PathsWith<'get'>>(path: P, ...[input]: Args<Operation<P, 'get'>>): Promise<Answer<Operation<P, 'get'>>> {
    return this.send('GET', path as string, input as RawInput | undefined)
  }

  post<P extends PathsWith<'post'>>(path: P, ...[input]: Args<Operation<P, 'post'>>): Promise<Answer<Operation<P, 'post'>>> {
    return this.send('POST', path as string, input as RawInput | undefined)
  }

  put<P extends PathsWith<'put'>>(path: P, ...[input]: Args<Operation<P, 'put'>>): Promise<Answer<Operation<P, 'put'>>> {
    return this.send('PUT', path as string, input as RawInput | undefined)
  }

  patch<P extends PathsWith<'patch'>>(path: P, ...[input]: Args<Operation<P, 'patch'>>): Promise<Answer<Operation<P, 'patch'>>> {
    return this.send('PATCH', path as string, input as RawInput | undefined)
  }

  delete<P extends PathsWith<'delete'>>(path: P, ...[input]: Args<Operation<P, 'delete'>>): Promise<Answer<Operation<P, 'delete'>>> {
    return this.send('DELETE', path as string, input as RawInput | undefined)
  }

  /** Send bytes (an image, a PDF) instead of JSON. */
  upload<T>(method: 'POST' | 'PUT', path: string, data: Blob | FormData, params: Record<string, string> = {}): Promise<T> {
    return this.once(method, this.url(path, { path: params }), data, undefined, 60_000)
  }

  /** The address of an endpoint, for `<img>`, `<video>` and downloads of staff pages (the cookie goes along). */
  href(path: string, params: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
    return this.url(path, { path: params, query })
  }

  private async send<T>(method: string, path: string, input: RawInput = {}): Promise<T> {
    const url = this.url(path, input)
    const pauses = method === 'GET' ? RETRY_PAUSES_MS : []
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.once<T>(method, url, input.body === undefined ? undefined : JSON.stringify(input.body), input.signal)
      } catch (error) {
        const problem = toProblem(error)
        const isWorthIt = problem.retryable && (problem.status === 0 || problem.status >= 500) && !input.signal?.aborted
        const pause = pauses[attempt]
        if (!isWorthIt || pause === undefined) throw problem
        await (this.options.pause ?? wait)(pause)
      }
    }
  }

  private async once<T>(method: string, url: string, body: BodyInit | undefined, signal?: AbortSignal, timeoutMs?: number): Promise<T> {
    const headers = new Headers({ Accept: 'application/json' })
    if (typeof body === 'string') headers.set('Content-Type', 'application/json')
    const token = this.options.token?.()
    if (token) headers.set('Authorization', `Bearer ${token}`)
    const limit = AbortSignal.timeout(timeoutMs ?? this.options.timeoutMs ?? 20_000)
    const response = await (this.options.fetch ?? fetch)(url, {
      method,
      headers,
      body,
      credentials: token && !this.options.keepsCookies ? 'omit' : 'same-origin',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    if (!response.ok) {
      const problem = await problemOf(response)
      if (response.status === 401) this.options.onSignedOut?.(problem)
      throw problem
    }
    if (response.status === 204) return undefined as T
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiProblem({ status: response.status, code: UNEXPECTED, retryable: false, params: {} })
    }
  }

  private url(path: string, input: RawInput): string {
    const filled = path.replace(/{(\w+)(?::[^}]*)?}/g, (_, name: string) => {
      const value = input.path?.[name]
      if (value === undefined) throw new Error(`missing path parameter ${name}`)
      return encodeURIComponent(String(value))
    })
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries(input.query ?? {})) {
      if (value === undefined || value === null || value === '') continue
      for (const item of Array.isArray(value) ? value : [value]) query.append(key, String(item))
    }
    const text = query.toString()
    return `${this.options.baseUrl ?? ''}${filled}${text ? `?${text}` : ''}`
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
