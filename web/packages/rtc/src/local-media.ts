/**
 * Camera and microphone of this device. Asks once for both, explains a refusal by a code that pages put into words, and brings a
 * track back when the system took it away (phone call, locked screen, unplugged headset): `ended`, a lasting `mute`, or a return
 * from the background lead to a fresh `getUserMedia`. Browsers give nothing where one of the two is wanting: then each is asked
 * for alone, so that the one that works is there and the other is named.
 */
import { Emitter } from './emitter'

export type DeviceProblem =
  | 'insecure' // no HTTPS: browsers hide the devices
  | 'unsupported' // an old or embedded browser
  | 'denied' // the person or a setting said no
  | 'missing' // no such device
  | 'busy' // another app holds it
  | 'unknown'

export class DeviceError extends Error {
  constructor(
    readonly problem: DeviceProblem,
    readonly device: 'camera' | 'microphone' | 'both',
  ) {
    super(problem)
    this.name = 'DeviceError'
  }
}

export interface LocalMediaEvents {
  /** A track was acquired or replaced; null = lost. */
  track: { kind: 'mic' | 'camera'; track: MediaStreamTrack | null }
  problem: DeviceError
  /** Being reacquired after an interruption. */
  interrupted: { kind: 'mic' | 'camera'; isInterrupted: boolean }
}

export interface LocalMediaOptions {
  readonly width?: number
  readonly height?: number
  readonly frameRate?: number
  readonly facingMode?: 'user' | 'environment'
  /** A system mute longer than this is treated as a lost track. */
  readonly muteGraceMs?: number
}

export class LocalMedia extends Emitter<LocalMediaEvents> {
  mic: MediaStreamTrack | null = null
  camera: MediaStreamTrack | null = null
  /** What is wrong with each; both may be wrong in different ways. */
  readonly faults: { mic: DeviceError | null; camera: DeviceError | null } = { mic: null, camera: null }
  /** Both tracks, for a `<video>` of oneself. */
  readonly stream: MediaStream
  private readonly deviceIds: { mic?: string; camera?: string } = {}
  private isClosed = false
  private readonly reacquiring = new Set<'mic' | 'camera'>()
  private readonly onReturn = (): void => {
    if (document.visibilityState === 'visible') void this.check()
  }

  constructor(private readonly options: LocalMediaOptions = {}) {
    super()
    this.stream = new MediaStream()
  }

  /** Ask for camera and microphone. Throws `DeviceError` where one is wanting; the other is there all the same (`faults`). */
  async open(): Promise<void> {
    this.faults.mic = this.faults.camera = null
    requireDevices()
    try {
      const media = await this.request({ video: this.video(), audio: this.audio() })
      this.take('mic', media.getAudioTracks()[0] ?? null)
      this.take('camera', media.getVideoTracks()[0] ?? null)
    } catch (error) {
      const fault = error as DeviceError
      // Both refused by the person: not asked again and again.
      if (fault.problem === 'denied' && fault.device === 'both') this.faults.mic = this.faults.camera = fault
      else await this.openEach()
    }
    // Refused by the person: a return to the page must not ask again.
    const isRefused = !this.mic && !this.camera && this.problems.some((fault) => fault.problem === 'denied')
    if (!this.isClosed && !isRefused) this.watchDevices()
    const [fault] = this.problems
    if (fault) throw fault
  }

  /** What is wrong, said once where it is the same of both. */
  get problems(): DeviceError[] {
    const { mic, camera } = this.faults
    if (mic && camera && mic.problem === camera.problem) return [new DeviceError(mic.problem, 'both')]
    return [camera, mic].filter((fault) => fault !== null)
  }

  private async openEach(): Promise<void> {
    for (const kind of ['mic', 'camera'] as const) {
      if (this.isClosed) return
      try {
        this.take(kind, (await this.request(this.only(kind))).getTracks()[0] ?? null)
      } catch (error) {
        this.faults[kind] = error as DeviceError
      }
    }
  }

  private watchDevices(): void {
    document.addEventListener('visibilitychange', this.onReturn)
    window.addEventListener('pageshow', this.onReturn)
    navigator.mediaDevices.addEventListener?.('devicechange', this.onReturn)
  }

  /** Change to another camera or microphone of the list. */
  async use(kind: 'mic' | 'camera', deviceId: string): Promise<void> {
    this.deviceIds[kind] = deviceId
    await this.reacquire(kind)
  }

  /** Cameras and microphones that can be chosen. */
  async devices(): Promise<{ mics: MediaDeviceInfo[]; cameras: MediaDeviceInfo[] }> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
    return { mics: all.filter((d) => d.kind === 'audioinput'), cameras: all.filter((d) => d.kind === 'videoinput') }
  }

  /** Turn between the front camera and the back camera (showing an ID). */
  async face(facingMode: 'user' | 'environment'): Promise<void> {
    delete this.deviceIds.camera
    ;(this.options as { facingMode?: string }).facingMode = facingMode
    // Phones open one camera at a time: the old one must go first.
    this.camera?.stop()
    await this.reacquire('camera')
  }

  /** Look after both tracks and bring a lost one back. */
  async check(): Promise<void> {
    for (const kind of ['mic', 'camera'] as const) {
      const track = this[kind]
      if (!this.isClosed && (!track || track.readyState === 'ended' || track.muted)) await this.reacquire(kind)
    }
  }

  close(): void {
    this.isClosed = true
    document.removeEventListener('visibilitychange', this.onReturn)
    window.removeEventListener('pageshow', this.onReturn)
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.onReturn)
    for (const track of [this.mic, this.camera]) track?.stop()
    this.mic = this.camera = null
  }

  private async reacquire(kind: 'mic' | 'camera'): Promise<void> {
    if (this.reacquiring.has(kind) || this.isClosed) return
    this.reacquiring.add(kind)
    this.emit('interrupted', { kind, isInterrupted: true })
    try {
      this.take(kind, (await this.request(this.only(kind))).getTracks()[0] ?? null)
      this.faults[kind] = null
      this.emit('interrupted', { kind, isInterrupted: false })
    } catch (error) {
      this.faults[kind] = error as DeviceError
      this.emit('problem', error as DeviceError)
    } finally {
      this.reacquiring.delete(kind)
    }
  }

  private take(kind: 'mic' | 'camera', track: MediaStreamTrack | null): void {
    if (this.isClosed) {
      track?.stop()
      return
    }
    const old = this[kind]
    if (old && old !== track) {
      this.stream.removeTrack(old)
      old.onended = old.onmute = null
      old.stop()
    }
    this[kind] = track
    if (track) {
      track.contentHint = kind === 'mic' ? 'speech' : 'motion'
      this.stream.addTrack(track)
      track.onended = () => void this.reacquire(kind)
      track.onmute = () => {
        setTimeout(() => {
          if (this[kind] === track && track.muted && document.visibilityState === 'visible') void this.reacquire(kind)
        }, this.options.muteGraceMs ?? 2000)
      }
    }
    this.emit('track', { kind, track })
  }

  private async request(constraints: MediaStreamConstraints): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia(constraints)
    } catch (error) {
      const device = constraints.audio && constraints.video ? 'both' : constraints.audio ? 'microphone' : 'camera'
      throw await explain(error, device)
    }
  }

  private only(kind: 'mic' | 'camera'): MediaStreamConstraints {
    return kind === 'mic' ? { audio: this.audio() } : { video: this.video() }
  }

  private video(): MediaTrackConstraints {
    const { width = 960, height = 540, frameRate = 20, facingMode = 'user' } = this.options
    const id = this.deviceIds.camera
    return {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: frameRate, max: 30 },
      ...(id ? { deviceId: { exact: id } } : { facingMode }),
    }
  }

  private audio(): MediaTrackConstraints {
    const id = this.deviceIds.mic
    return {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(id ? { deviceId: { exact: id } } : {}),
    }
  }
}

function requireDevices(): void {
  if (!window.isSecureContext) throw new DeviceError('insecure', 'both')
  if (!navigator.mediaDevices?.getUserMedia || typeof RTCPeerConnection === 'undefined') throw new DeviceError('unsupported', 'both')
}

async function explain(error: unknown, device: 'camera' | 'microphone' | 'both'): Promise<DeviceError> {
  const name = (error as { name?: string } | null)?.name ?? ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return new DeviceError('denied', await deniedDevice(device))
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return new DeviceError('missing', device)
  if (name === 'NotReadableError' || name === 'AbortError') return new DeviceError('busy', device)
  return new DeviceError('unknown', device)
}

/** Which of the two was denied, where the browser tells. */
async function deniedDevice(device: 'camera' | 'microphone' | 'both'): Promise<'camera' | 'microphone' | 'both'> {
  if (device !== 'both' || !navigator.permissions) return device
  try {
    const ask = async (name: string): Promise<string> => (await navigator.permissions.query({ name: name as PermissionName })).state
    const [camera, microphone] = await Promise.all([ask('camera'), ask('microphone')])
    if (camera === 'denied' && microphone !== 'denied') return 'camera'
    if (microphone === 'denied' && camera !== 'denied') return 'microphone'
  } catch {
    // Browsers that do not know these permission names.
  }
  return 'both'
}
