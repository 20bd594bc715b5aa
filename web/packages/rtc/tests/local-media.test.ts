// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeviceError, LocalMedia } from '../src'

class Track extends EventTarget {
  muted = false
  readyState = 'live'
  contentHint = ''
  onended: (() => void) | null = null
  onmute: (() => void) | null = null
  constructor(readonly kind: 'audio' | 'video') {
    super()
  }
  stop(): void {
    this.readyState = 'ended'
  }
}

class Stream {
  constructor(private tracks: Track[] = []) {}
  getTracks = (): Track[] => this.tracks
  getAudioTracks = (): Track[] => this.tracks.filter((track) => track.kind === 'audio')
  getVideoTracks = (): Track[] => this.tracks.filter((track) => track.kind === 'video')
  addTrack = (track: Track): number => this.tracks.push(track)
  removeTrack = (track: Track): void => void (this.tracks = this.tracks.filter((other) => other !== track))
}

/** What is wrong with each device of this machine: the name of the browser's error, or nothing. */
const wrong: { audio?: string; video?: string } = {}
const permissions: { camera: string; microphone: string } = { camera: 'prompt', microphone: 'prompt' }
let asked: string[]
const devices = new EventTarget() as EventTarget & { getUserMedia?: unknown }

beforeEach(() => {
  asked = []
  delete wrong.audio
  delete wrong.video
  permissions.camera = permissions.microphone = 'prompt'
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('RTCPeerConnection', class {})
  vi.stubGlobal('MediaStream', Stream)
  devices.getUserMedia = (wanted: { audio?: object; video?: object }) => {
    const kinds = (['audio', 'video'] as const).filter((kind) => wanted[kind])
    asked.push(kinds.join('+'))
    const fault = kinds.map((kind) => wrong[kind]).find((name) => name)
    // As browsers do: nothing at all where one of the two is wanting.
    return fault ? Promise.reject(new DOMException('', fault)) : Promise.resolve(new Stream(kinds.map((kind) => new Track(kind))))
  }
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: devices })
  Object.defineProperty(navigator, 'permissions', {
    configurable: true,
    value: { query: ({ name }: { name: 'camera' | 'microphone' }) => Promise.resolve({ state: permissions[name] }) },
  })
})

afterEach(() => vi.unstubAllGlobals())

async function opened(): Promise<{ local: LocalMedia; fault: DeviceError | null }> {
  const local = new LocalMedia()
  const fault = await local.open().then(() => null, (error: unknown) => error as DeviceError)
  return { local, fault }
}

describe('camera and microphone', () => {
  it('are asked for once', async () => {
    const { local, fault } = await opened()
    expect([asked, fault, local.problems]).toEqual([['audio+video'], null, []])
    expect([local.mic?.kind, local.camera?.kind]).toEqual(['audio', 'video'])
    local.close()
  })

  it('a camera that is not there takes no microphone along', async () => {
    wrong.video = 'NotFoundError'
    const { local, fault } = await opened()
    expect([fault?.problem, fault?.device]).toEqual(['missing', 'camera'])
    expect([local.mic?.kind, local.camera]).toEqual(['audio', null])
    local.close()
  })

  it('a microphone that another app holds takes no camera along', async () => {
    wrong.audio = 'NotReadableError'
    const { local, fault } = await opened()
    expect([fault?.problem, fault?.device]).toEqual(['busy', 'microphone'])
    expect([local.mic, local.camera?.kind]).toEqual([null, 'video'])
    local.close()
  })

  it('a camera that was refused is named, the microphone is there', async () => {
    wrong.video = 'NotAllowedError'
    permissions.camera = 'denied'
    const { local, fault } = await opened()
    expect([fault?.problem, fault?.device, local.mic?.kind]).toEqual(['denied', 'camera', 'audio'])
    local.close()
  })

  it('both refused is said once and not asked again', async () => {
    wrong.audio = wrong.video = 'NotAllowedError'
    const { local, fault } = await opened()
    expect([fault?.problem, fault?.device, asked]).toEqual(['denied', 'both', ['audio+video']])
    local.close()
  })

  it('two different faults are two', async () => {
    wrong.audio = 'NotReadableError'
    wrong.video = 'NotFoundError'
    const { local } = await opened()
    expect(local.problems.map((fault) => `${fault.device} ${fault.problem}`)).toEqual(['camera missing', 'microphone busy'])
    local.close()
  })

  it('what is plugged in later is taken', async () => {
    wrong.video = 'NotFoundError'
    const { local } = await opened()
    const came = new Promise((resolve) => local.on('track', ({ kind, track }) => kind === 'camera' && track && resolve(track)))
    delete wrong.video
    devices.dispatchEvent(new Event('devicechange'))
    await came
    expect([local.camera?.kind, local.problems]).toEqual(['video', []])
    local.close()
  })
})
