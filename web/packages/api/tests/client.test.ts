import { describe, expect, it, vi } from 'vitest'
import { ApiClient, ApiProblem, OFFLINE, UNEXPECTED } from '../src/index'

const json = (body: unknown, status = 200, type = 'application/json') => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } })
const refusal = (status: number, code: string, retryable = false, params = {}) => json({ code, status, retryable, params }, status, 'application/problem+json')

/** A fetch that gives these answers in turn and remembers what it was asked. */
function scripted(...answers: (Response | Error)[]) {
  const asked: { url: string; init: RequestInit }[] = []
  const fetch = (async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    const answer = answers.shift()
    if (!answer) throw new Error('asked more often than scripted')
    if (answer instanceof Error) throw answer
    return answer
  }) as unknown as typeof globalThis.fetch
  return { asked, fetch }
}

const pause = async () => {}

describe('ApiClient', () => {
  it('fills path and query and leaves out what is empty', async () => {
    const { asked, fetch } = scripted(json({ items: [] }))
    await new ApiClient({ fetch }).get('/api/v1/cases', { query: { q: '张 三', state: ['ready', 'rejected'], product_type: null, page: 2 } })
    expect(asked[0]?.url).toBe('/api/v1/cases?q=%E5%BC%A0+%E4%B8%89&state=ready&state=rejected&page=2')
    expect(asked[0]?.init.credentials).toBe('same-origin')
  })

  it('escapes path parameters', async () => {
    const { asked, fetch } = scripted(json({}))
    await new ApiClient({ fetch }).get('/api/v1/cases/{case_id}', { path: { case_id: 'a/b' } })
    expect(asked[0]?.url).toBe('/api/v1/cases/a%2Fb')
  })

  it('sends a bearer instead of the cookie where there is one', async () => {
    const { asked, fetch } = scripted(json({}))
    await new ApiClient({ fetch, token: () => 't0' }).get('/api/v1/auth/me')
    expect(new Headers(asked[0]?.init.headers).get('Authorization')).toBe('Bearer t0')
    expect(asked[0]?.init.credentials).toBe('omit')
  })

  it('turns problem+json into a typed problem', async () => {
    const { fetch } = scripted(refusal(422, 'REQUEST_INVALID', false, { fields: [{ path: 'phone', code: 'string_pattern_mismatch' }] }))
    const problem = await new ApiClient({ fetch }).get('/api/v1/auth/me').catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(ApiProblem)
    expect(problem).toMatchObject({ status: 422, code: 'REQUEST_INVALID', fields: { phone: 'string_pattern_mismatch' } })
  })

  it('names an answer that is no problem document', async () => {
    const { fetch } = scripted(new Response('<html>', { status: 403 }))
    await expect(new ApiClient({ fetch }).get('/api/v1/auth/me')).rejects.toMatchObject({ code: UNEXPECTED, status: 403, retryable: false })
  })

  it('repeats a read when the network fails or the server says that it may', async () => {
    const { asked, fetch } = scripted(new TypeError('network'), refusal(503, 'STORAGE_UNAVAILABLE', true), json({ id: 'u' }))
    await expect(new ApiClient({ fetch, pause }).get('/api/v1/auth/me')).resolves.toEqual({ id: 'u' })
    expect(asked).toHaveLength(3)
  })

  it('gives up after the third attempt', async () => {
    const { asked, fetch } = scripted(new TypeError('a'), new TypeError('b'), new TypeError('c'))
    await expect(new ApiClient({ fetch, pause }).get('/api/v1/auth/me')).rejects.toMatchObject({ code: OFFLINE })
    expect(asked).toHaveLength(3)
  })

  it('never repeats a refusal, nor a command', async () => {
    const read = scripted(refusal(409, 'CASE_STATE', true))
    await expect(new ApiClient({ fetch: read.fetch, pause }).get('/api/v1/auth/me')).rejects.toMatchObject({ code: 'CASE_STATE' })
    expect(read.asked).toHaveLength(1)
    const write = scripted(new TypeError('network'))
    await expect(new ApiClient({ fetch: write.fetch, pause }).post('/api/v1/auth/sign-out')).rejects.toMatchObject({ code: OFFLINE })
    expect(write.asked).toHaveLength(1)
  })

  it('tells once that the session is gone', async () => {
    const onSignedOut = vi.fn()
    const { fetch } = scripted(refusal(401, 'SIGN_IN_REQUIRED'))
    await expect(new ApiClient({ fetch, onSignedOut }).get('/api/v1/auth/me')).rejects.toMatchObject({ status: 401 })
    expect(onSignedOut).toHaveBeenCalledTimes(1)
  })

  it('answers nothing for 204 and uploads bytes as they are', async () => {
    const { asked, fetch } = scripted(new Response(null, { status: 204 }), json({ id: 'img' }))
    const client = new ApiClient({ fetch })
    await expect(client.post('/api/v1/auth/sign-out')).resolves.toBeUndefined()
    const picture = new Blob(['x'], { type: 'image/png' })
    await client.upload('PUT', '/api/v1/things/{id}', picture, { id: '7' })
    expect(asked[1]?.url).toBe('/api/v1/things/7')
    expect(asked[1]?.init.body).toBe(picture)
    expect(new Headers(asked[1]?.init.headers).has('Content-Type')).toBe(false)
  })
})
