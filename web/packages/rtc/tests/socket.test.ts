// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket as ServerSocket, WebSocket as NodeWebSocket, WebSocketServer } from 'ws'
import { Backoff, CommandError, SessionSocket, type SessionSocketOptions } from '../src'

interface View {
  text: string
}

let server: WebSocketServer
let client: SessionSocket<View>
let connections: ServerSocket[]
let received: { socket: ServerSocket; message: Record<string, unknown> }[]
let waiting: (() => void)[]

beforeEach(async () => {
  connections = []
  received = []
  waiting = []
  server = new WebSocketServer({ port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    connections.push(socket)
    socket.on('message', (data) => {
      received.push({ socket, message: JSON.parse(String(data)) as Record<string, unknown> })
      for (const wake of waiting.splice(0)) wake()
    })
  })
})

afterEach(async () => {
  client.stop()
  for (const socket of connections) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

function open(options: Partial<SessionSocketOptions> = {}): SessionSocket<View> {
  const { port } = server.address() as { port: number }
  client = new SessionSocket<View>({
    url: `ws://127.0.0.1:${port}/`,
    webSocket: NodeWebSocket as unknown as new (url: string) => WebSocket,
    backoff: new Backoff(10, 20),
    ...options,
  })
  client.start()
  return client
}

async function message(type: string, index = 0): Promise<{ socket: ServerSocket; message: Record<string, unknown> }> {
  for (;;) {
    const found = received.filter((item) => item.message['type'] === type)[index]
    if (found) return found
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
}

const update = (seq: number, text = `view ${seq}`) => JSON.stringify({ type: 'update', seq, events: [], view: { text } })

async function online(seq = 1): Promise<ServerSocket> {
  const { socket } = await message('hello')
  const ready = client.ready()
  socket.send(update(seq))
  await ready
  return socket
}

describe('SessionSocket', () => {
  it('says hello with ticket and last seq and gives out the view', async () => {
    open({ ticket: () => 't-1' })
    const hello = await message('hello')
    expect(hello.message).toEqual({ type: 'hello', ticket: 't-1', last_seq: 0 })
    const first = client.once('update')
    hello.socket.send(update(7))
    expect(await first).toEqual({ view: { text: 'view 7' }, events: [], seq: 7 })
    expect(client.seq).toBe(7)
    expect(client.state).toBe('online')
  })

  it('takes a command from within the first update', async () => {
    open()
    const { socket } = await message('hello')
    const entered = new Promise((resolve, reject) => client.on('update', () => void client.command('enter_room').then(resolve, reject)))
    socket.send(update(1))
    const sent = await message('command')
    socket.send(JSON.stringify({ type: 'reply', id: sent.message['id'], ok: true, result: {} }))
    expect(await entered).toEqual({})
  })

  it('comes back by itself and tells what it has seen', async () => {
    open()
    const socket = await online(5)
    socket.terminate()
    const again = await message('hello', 1)
    expect(again.message['last_seq']).toBe(5)
    const ready = client.ready()
    again.socket.send(update(6))
    await ready
  })

  it('ignores a view older than the one it shows', async () => {
    open()
    const socket = await online(5)
    const seen: number[] = []
    client.on('update', ({ seq }) => seen.push(seq))
    const marker = client.once('push')
    socket.send(update(4))
    socket.send(update(6))
    socket.send(JSON.stringify({ type: 'push', push: 'levels', data: {} }))
    await marker
    expect(seen).toEqual([6])
  })

  it('gives each command its own reply, whatever their order', async () => {
    open()
    const socket = await online()
    const one = client.command<{ n: number }>('first', { a: 1 })
    const two = client.command('second')
    const [first, second] = [await message('command', 0), await message('command', 1)]
    expect(first.message).toMatchObject({ command: 'first', params: { a: 1 } })
    socket.send(JSON.stringify({ type: 'reply', id: second.message['id'], ok: false, problem: { code: 'PHASE_WRONG', status: 409 } }))
    socket.send(JSON.stringify({ type: 'reply', id: first.message['id'], ok: true, result: { n: 1 } }))
    await expect(two).rejects.toMatchObject({ code: 'PHASE_WRONG' })
    expect(await one).toEqual({ n: 1 })
  })

  it('settles every open command when the line breaks', async () => {
    open()
    const socket = await online()
    const lost = client.command('advance')
    await message('command')
    socket.terminate()
    await expect(lost).rejects.toMatchObject({ code: 'OFFLINE' })
    await expect(client.command('advance')).rejects.toBeInstanceOf(CommandError)
  })

  it('lets a command time out', async () => {
    open({ commandTimeoutMs: 20 })
    await online()
    await expect(client.command('advance')).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('does not come back when another tab took the seat, until asked', async () => {
    open()
    const socket = await online()
    const closed = client.once('closed')
    socket.send(JSON.stringify({ type: 'goodbye', code: 'TAKEN_OVER', retryable: false }))
    expect(await closed).toEqual({ reason: 'taken_over', code: 'TAKEN_OVER' })
    await expect(client.ready()).rejects.toMatchObject({ code: 'CLOSED' })
    client.start()
    await message('hello', 1)
  })

  it('comes back after a retryable goodbye', async () => {
    open()
    const socket = await online()
    const offline = new Promise<string | null>((resolve) => client.on('state', (state) => state === 'offline' && resolve(client.lostBy)))
    socket.send(JSON.stringify({ type: 'goodbye', code: 'SERVER_STOPS', retryable: true }))
    expect(await offline, 'the page may say why').toBe('SERVER_STOPS')
    const again = await message('hello', 1)
    expect(client.lostBy, 'still away').toBe('SERVER_STOPS')
    const updated = client.once('update')
    again.socket.send(update(2))
    await updated
    expect(client.lostBy).toBeNull()
  })

  it('ends for good when the ticket is refused by its source', async () => {
    open({ ticket: () => Promise.reject(Object.assign(new Error(), { code: 'SIGN_IN_REQUIRED' })) })
    expect(await client.once('closed')).toEqual({ reason: 'refused', code: 'SIGN_IN_REQUIRED' })
  })

  it('probes a quiet line and replaces it when no answer comes', async () => {
    open({ quietMs: 30 })
    await online()
    await message('ping')
    await message('hello', 1)
  })
})
