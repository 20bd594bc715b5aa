// @vitest-environment node
import { afterEach, describe, expect, it } from 'vitest'
import { MediaSession, type MediaEvents, type MediaSignal, type MediaState } from '../src'

/** What the ladder looks at of a browser's connection. `reaches` says whether the server is heard. */
class Connection {
  static made: Connection[] = []
  reaches = true
  connectionState = 'new'
  iceConnectionState = 'new'
  signalingState = 'stable'
  localDescription = { type: 'answer', sdp: 'answer' }
  ontrack = null
  oniceconnectionstatechange: (() => void) | null = null
  private sent = 0
  private received = 0

  constructor() {
    Connection.made.push(this)
  }

  setRemoteDescription = async () => {}
  createAnswer = async () => this.localDescription
  setLocalDescription = async () => {
    if (this.reaches) this.connectionState = this.iceConnectionState = 'connected'
  }
  getTransceivers = () => []
  getStats = async () => {
    this.sent += 100
    if (this.reaches) this.received += 100
    return new Map([['transport', { type: 'transport', timestamp: performance.now(), bytesSent: this.sent, bytesReceived: this.received }]])
  }
  close = () => {
    this.connectionState = this.signalingState = 'closed'
  }
}

class Server implements MediaSignal {
  readonly calls: string[] = []
  refusals = 0

  ready = async () => {}
  join = async () => {
    this.calls.push('join')
    if (this.refusals-- > 0) throw Object.assign(new Error('away'), { code: 'MEDIA_FULL' })
    return { leg_id: `leg${this.joins}`, sdp: 'offer', slots: [] }
  }
  answer = async (legId: string) => {
    this.calls.push(`answer ${legId}`)
  }
  restart = async (legId: string) => {
    this.calls.push(`restart ${legId}`)
    return { sdp: 'offer' }
  }

  get joins(): number {
    return this.calls.filter((call) => call === 'join').length
  }
}

let session: MediaSession
let server: Server
let repairs: string[]
let states: MediaState[]
let refusals: (string | null)[]

/** `restartMs`: how long a restart may take; short only where it is to bring nothing back. */
async function started(restartMs = 30_000): Promise<void> {
  Connection.made = []
  server = new Server()
  repairs = []
  states = []
  refusals = []
  const peerConnection = Connection as unknown as new () => RTCPeerConnection
  session = new MediaSession({ signal: server, peerConnection, restartMs, joinMs: 30_000 })
  session.on('repair', (repair: MediaEvents['repair']) => repairs.push(`${repair.step} ${repair.isSuccess}`))
  session.on('state', (state) => states.push(state))
  session.on('refused', (code) => refusals.push(code))
  await session.start()
}

async function connectedAgain(): Promise<void> {
  while ((await session.once('state')) !== 'connected');
}

afterEach(() => session.close())

describe('MediaSession', () => {
  it('repairs by an ICE restart on the same leg as long as that works', async () => {
    await started()
    await session.recover()
    expect(repairs).toEqual(['rejoin true', 'restart true'])
    expect(server.calls).toEqual(['join', 'answer leg1', 'restart leg1', 'answer leg1'])
    expect(Connection.made).toHaveLength(1)
    expect(states).toEqual(['connecting', 'connected', 'recovering', 'connected'])
  })

  it('notices silence by itself and takes the seat with a new connection when the restart brings nothing back', async () => {
    await started(120)
    const first = Connection.made[0]!
    first.reaches = false
    await connectedAgain()
    expect(repairs).toEqual(['rejoin true', 'restart false', 'rejoin true'])
    expect(server.calls).toEqual(['join', 'answer leg1', 'restart leg1', 'answer leg1', 'join', 'answer leg2'])
    expect(first.connectionState).toBe('closed')
    expect(states).toEqual(['connecting', 'connected', 'recovering', 'connected'])
  })

  it('goes on joining until the seat has a connection, and says why it is refused', async () => {
    await started()
    server.refusals = 2
    session.rejoinNow()
    await connectedAgain()
    expect(repairs).toEqual(['rejoin true', 'rejoin false', 'rejoin false', 'rejoin true'])
    expect(server.joins).toBe(4)
    expect(refusals).toEqual(['MEDIA_FULL', null])
  })

  it('makes one repair at a time and none after the end', async () => {
    await started()
    const both = [session.recover(), session.recover()]
    await Promise.all(both)
    expect(repairs).toEqual(['rejoin true', 'restart true'])
    session.close()
    await session.recover()
    session.rejoinNow()
    expect(server.calls).toHaveLength(4)
    expect(session.state).toBe('closed')
  })
})
