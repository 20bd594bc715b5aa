/**
 * One person's media in a room: one bundled `RTCPeerConnection`, always offered by the server with the same sixteen mids. The
 * client sends microphone, camera and screen on mids 0, 1, 2 and never renegotiates: tracks come and go by `replaceTrack`.
 *
 * Repair ladder: silence for 2 s, ICE `disconnected` or a changed network → ICE restart on the same leg; when that does not bring
 * bytes back within `restartMs` → a new connection on the same seat, again and again until `close`.
 */
import { Backoff } from './backoff'
import { Emitter } from './emitter'
import { LinkWatch } from './ladder'
import { PROMPT_MID, SEND_MIDS, type SendKind, type Slot } from './protocol'
import { countersOf, NOT_MEASURED, type Quality, type QualityCounters, qualityBetween } from './quality'
import { tuneSender } from './sending'

/** The signalling a media session needs; `signalOver` makes one of a session socket. */
export interface MediaSignal {
  ready(): Promise<void>
  join(): Promise<{ leg_id: string; sdp: string; slots: Slot[]; ice_servers?: RTCIceServer[] }>
  answer(legId: string, sdp: string): Promise<unknown>
  restart(legId: string): Promise<{ sdp: string }>
}

export type MediaState = 'idle' | 'connecting' | 'connected' | 'recovering' | 'closed'

export interface RemoteSeat {
  readonly seatId: string
  readonly mic: MediaStream | null
  readonly camera: MediaStream | null
  readonly screen: MediaStream | null
}

export interface MediaEvents {
  state: MediaState
  remote: readonly RemoteSeat[]
  quality: Quality
  /** How a repair went, for the log of the page. */
  repair: { step: 'restart' | 'rejoin'; isSuccess: boolean; tookMs: number }
  /** The code with which the server refuses this person's media (it is asked again and again); null: no longer. */
  refused: string | null
}

export interface MediaSessionOptions {
  readonly signal: MediaSignal
  /** Only to force one: by default the offer's order decides (H264 first, VP8 where a member lacks it). */
  readonly videoCodec?: 'VP8' | 'H264'
  readonly restartMs?: number
  readonly joinMs?: number
  readonly peerConnection?: new (configuration: RTCConfiguration) => RTCPeerConnection
}

export class MediaSession extends Emitter<MediaEvents> {
  state: MediaState = 'idle'
  quality: Quality = NOT_MEASURED
  /** The prompt voice; give it to a `RemoteAudio`. */
  prompt: MediaStream | null = null
  private peer: RTCPeerConnection | null = null
  private legId = ''
  private slots: readonly Slot[] = []
  private readonly inbound = new Map<string, MediaStream>()
  private readonly tracks: Record<SendKind, MediaStreamTrack | null> = { mic: null, camera: null, screen: null }
  private readonly watch = new LinkWatch()
  private counters: QualityCounters | null = null
  private sampleTimer: ReturnType<typeof setInterval> | undefined
  private samples = 0
  private isRepairing = false
  private refusedBy: string | null = null
  private readonly onNetwork = (): void => {
    if (this.state === 'connected') void this.repair('restart')
  }

  constructor(private readonly options: MediaSessionOptions) {
    super()
  }

  /** Join and stay joined until `close`. Resolves when media is first connected. */
  async start(): Promise<void> {
    if (this.state !== 'idle') return
    this.setState('connecting')
    if (typeof window !== 'undefined') {
      window.addEventListener('online', this.onNetwork)
      connectionOf()?.addEventListener?.('change', this.onNetwork)
    }
    this.sampleTimer = setInterval(() => void this.sample(), 500)
    await this.repair('rejoin')
  }

  /** Send this track, or nothing. Works before, during and after a repair. */
  async setTrack(kind: SendKind, track: MediaStreamTrack | null): Promise<void> {
    this.tracks[kind] = track
    await this.put(kind)
  }

  /** The server says anew which seat is behind which receiving slot. */
  applySlots(slots: readonly Slot[]): void {
    this.slots = slots
    this.emit('remote', this.remoteSeats())
  }

  /** The server lost our leg (its media process began anew): throw the connection away and join again. */
  rejoinNow(): void {
    if (this.state === 'connected') void this.repair('rejoin')
  }

  /** The other people, by seat. */
  remoteSeats(): RemoteSeat[] {
    const seats = new Map<string, { seatId: string; mic: MediaStream | null; camera: MediaStream | null; screen: MediaStream | null }>()
    for (const slot of this.slots) {
      if (slot.direction !== 'recv' || !slot.seat_id || slot.kind === 'prompt') continue
      const seat = seats.get(slot.seat_id) ?? { seatId: slot.seat_id, mic: null, camera: null, screen: null }
      seat[slot.kind] = this.inbound.get(slot.mid) ?? null
      seats.set(slot.seat_id, seat)
    }
    return [...seats.values()]
  }

  /** Repair now, for a page that knows better (button, return from the background). */
  async recover(): Promise<void> {
    if (this.state === 'connected') await this.repair('restart')
  }

  close(): void {
    if (typeof window !== 'undefined') {
      window.removeEventListener('online', this.onNetwork)
      connectionOf()?.removeEventListener?.('change', this.onNetwork)
    }
    clearInterval(this.sampleTimer)
    this.setState('closed')
    this.dropPeer()
  }

  private async repair(first: 'restart' | 'rejoin'): Promise<void> {
    if (this.isRepairing || this.isClosed()) return
    this.isRepairing = true
    if (this.state === 'connected') this.setState('recovering')
    const backoff = new Backoff(300, 3000)
    let step = this.peer ? first : 'rejoin'
    try {
      while (!this.isClosed()) {
        const began = performance.now()
        let isSuccess = false
        let code: string | null = null
        try {
          await this.options.signal.ready()
          isSuccess = step === 'restart' ? await this.restart() : await this.rejoin()
        } catch (error) {
          code = (error as { code?: string } | null)?.code ?? null
          if (code === 'CLOSED') return
        }
        if (this.isClosed()) return
        if (code !== this.refusedBy) this.emit('refused', (this.refusedBy = code))
        this.emit('repair', { step, isSuccess, tookMs: performance.now() - began })
        if (isSuccess) {
          this.watch.reset()
          this.counters = null
          this.setState('connected')
          return
        }
        step = 'rejoin'
        await new Promise((resolve) => setTimeout(resolve, backoff.delay()))
      }
    } finally {
      this.isRepairing = false
    }
  }

  private async restart(): Promise<boolean> {
    const peer = this.peer
    if (!peer || peer.signalingState === 'closed') return false
    const before = await receivedBytes(peer)
    const { sdp } = await this.options.signal.restart(this.legId)
    await this.answer(peer, sdp)
    return this.until(this.options.restartMs ?? 4000, peer, async () => isUp(peer) && (await receivedBytes(peer)) > before)
  }

  private async rejoin(): Promise<boolean> {
    const joined = await this.options.signal.join()
    if (this.isClosed()) return false
    this.dropPeer()
    const Peer = this.options.peerConnection ?? RTCPeerConnection
    const peer = new Peer({ bundlePolicy: 'max-bundle', iceServers: joined.ice_servers ?? [] })
    this.peer = peer
    this.legId = joined.leg_id
    this.slots = joined.slots
    peer.ontrack = (event) => this.receive(event.transceiver)
    peer.oniceconnectionstatechange = () => {
      if (peer === this.peer && this.state === 'connected' && isDown(peer)) void this.repair('restart')
    }
    await this.answer(peer, joined.sdp)
    const isConnected = await this.until(this.options.joinMs ?? 8000, peer, () => Promise.resolve(isUp(peer)))
    if (isConnected) {
      for (const kind of SEND_KINDS) await this.put(kind)
      this.emit('remote', this.remoteSeats())
    }
    return isConnected
  }

  private async answer(peer: RTCPeerConnection, offer: string): Promise<void> {
    await peer.setRemoteDescription({ type: 'offer', sdp: offer })
    for (const kind of SEND_KINDS) {
      const transceiver = transceiverOf(peer, SEND_MIDS[kind])
      if (!transceiver) continue
      transceiver.direction = 'sendonly'
      if (kind !== 'mic' && this.options.videoCodec) preferCodec(transceiver, this.options.videoCodec)
      await transceiver.sender.replaceTrack(this.tracks[kind])
    }
    const answer = await peer.createAnswer()
    await peer.setLocalDescription(answer)
    await this.options.signal.answer(this.legId, peer.localDescription?.sdp ?? answer.sdp ?? '')
  }

  private receive(transceiver: RTCRtpTransceiver): void {
    const mid = transceiver.mid
    if (mid === null) return
    const stream = new MediaStream([transceiver.receiver.track])
    this.inbound.set(mid, stream)
    if (mid === PROMPT_MID) this.prompt = stream
  }

  private async put(kind: SendKind): Promise<void> {
    const peer = this.peer
    const sender = peer && transceiverOf(peer, SEND_MIDS[kind])?.sender
    if (!sender) return
    if (sender.track !== this.tracks[kind]) await sender.replaceTrack(this.tracks[kind])
    await tuneSender(sender, kind)
  }

  private async sample(): Promise<void> {
    const peer = this.peer
    if (!peer || this.state !== 'connected' || this.isRepairing) return
    const report = await peer.getStats()
    if (peer !== this.peer || this.isRepairing || this.isClosed()) return
    const { sent, received } = transportBytes(report)
    const sample = { now: performance.now(), iceState: peer.iceConnectionState, bytesSent: sent, bytesReceived: received }
    if (this.watch.observe(sample)) {
      void this.repair('restart')
      return
    }
    if (this.samples++ % 4 === 0) {
      const counters = countersOf(report)
      this.quality = qualityBetween(this.counters, counters)
      this.counters = counters
      this.emit('quality', this.quality)
    }
  }

  private async until(limitMs: number, peer: RTCPeerConnection, test: () => Promise<boolean>): Promise<boolean> {
    const end = performance.now() + limitMs
    while (peer === this.peer && !this.isClosed() && performance.now() < end) {
      if (await test()) return true
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return false
  }

  private dropPeer(): void {
    const peer = this.peer
    this.peer = null
    this.inbound.clear()
    this.prompt = null
    if (peer) {
      peer.ontrack = peer.oniceconnectionstatechange = null
      peer.close()
    }
  }

  private isClosed(): boolean {
    return this.state === 'closed'
  }

  private setState(state: MediaState): void {
    if (this.state === state || this.state === 'closed') return
    this.state = state
    this.emit('state', state)
  }
}

const SEND_KINDS: readonly SendKind[] = ['mic', 'camera', 'screen']

function isUp(peer: RTCPeerConnection): boolean {
  return peer.connectionState === 'connected'
}

function isDown(peer: RTCPeerConnection): boolean {
  return peer.iceConnectionState === 'disconnected' || peer.iceConnectionState === 'failed'
}

function transceiverOf(peer: RTCPeerConnection, mid: string): RTCRtpTransceiver | undefined {
  return peer.getTransceivers().find((transceiver) => transceiver.mid === mid)
}

function preferCodec(transceiver: RTCRtpTransceiver, codec: 'VP8' | 'H264'): void {
  const all = (typeof RTCRtpReceiver !== 'undefined' && RTCRtpReceiver.getCapabilities?.('video')?.codecs) || []
  const wanted = all.filter((item) => item.mimeType.toLowerCase() === `video/${codec.toLowerCase()}`)
  const helpers = all.filter((item) => /\/(rtx|red|ulpfec)$/i.test(item.mimeType))
  const others = all.filter((item) => !wanted.includes(item) && !helpers.includes(item))
  if (wanted.length === 0 || !transceiver.setCodecPreferences) return
  try {
    transceiver.setCodecPreferences([...wanted, ...others, ...helpers])
  } catch {
    // A browser that restricts this call sends what the server offered first.
  }
}

function transportBytes(report: RTCStatsReport): { sent: number; received: number } {
  let sent = 0
  let received = 0
  report.forEach((raw) => {
    const stat = raw as { type: string; bytesSent?: number; bytesReceived?: number }
    if (stat.type !== 'transport') return
    sent += stat.bytesSent ?? 0
    received += stat.bytesReceived ?? 0
  })
  return { sent, received }
}

async function receivedBytes(peer: RTCPeerConnection): Promise<number> {
  return transportBytes(await peer.getStats()).received
}

function connectionOf(): EventTarget | undefined {
  return (navigator as Navigator & { connection?: EventTarget }).connection
}
