/** The device check: camera, microphone, speaker and browser; nothing counts as fine before it was looked at. */
import { DeviceError, LevelMeter, LocalMedia } from '@dr/rtc'
import { computed, onScopeDispose, reactive, ref, shallowRef } from 'vue'

export type CheckState = 'not_measured' | 'ok' | 'failed'

export function useDevices() {
  const local = new LocalMedia({ width: 960, height: 540 })
  let meter: LevelMeter | null = null
  let frame = 0
  /** What is wrong: one fault, or one of each device. */
  const faults = shallowRef<readonly DeviceError[]>([])
  const picture = shallowRef<MediaStream | null>(null)
  const level = ref(0)
  const loudest = ref(0)
  const isOpening = ref(false)
  const chosen = reactive({ camera: '', mic: '' })
  const cameras = shallowRef<MediaDeviceInfo[]>([])
  const mics = shallowRef<MediaDeviceInfo[]>([])
  const speaker = ref<CheckState>('not_measured')
  const isPlaying = ref(false)

  const browser = computed<CheckState>(() => (window.isSecureContext && 'RTCPeerConnection' in window && 'mediaDevices' in navigator ? 'ok' : 'failed'))
  const camera = computed<CheckState>(() => (picture.value ? 'ok' : faults.value.some((fault) => fault.device !== 'microphone') ? 'failed' : 'not_measured'))
  const mic = computed<CheckState>(() => (faults.value.some((fault) => fault.device !== 'camera') ? 'failed' : loudest.value > 0.15 ? 'ok' : 'not_measured'))
  const isReady = computed(() => browser.value === 'ok' && camera.value === 'ok' && mic.value === 'ok')

  /** A device that is known not to work; what was only not looked at is no fault. */
  const isFaulty = computed(() => [browser.value, camera.value, mic.value].includes('failed'))

  local.on('track', ({ kind, track }) => {
    if (kind === 'camera') picture.value = track ? new MediaStream([track]) : null
    if (kind === 'mic') meter?.attach(track)
    faults.value = faults.value.filter((fault) => fault.device !== (kind === 'mic' ? 'microphone' : 'camera'))
  })
  local.on('problem', () => (faults.value = local.problems))
  local.on('interrupted', ({ isInterrupted }) => {
    if (!isInterrupted) faults.value = local.problems
  })

  async function open(): Promise<void> {
    isOpening.value = true
    faults.value = []
    try {
      await local.open()
    } catch (error) {
      faults.value = local.problems.length ? local.problems : [error instanceof DeviceError ? error : new DeviceError('unknown', 'both')]
    }
    if (local.mic || local.camera) await show()
    isOpening.value = false
  }

  /** What works is shown, also when the other of the two does not. */
  async function show(): Promise<void> {
    picture.value = local.camera ? new MediaStream([local.camera]) : null
    const all = await local.devices()
    cameras.value = all.cameras
    mics.value = all.mics
    chosen.camera = local.camera?.getSettings().deviceId ?? ''
    chosen.mic = local.mic?.getSettings().deviceId ?? ''
    meter ??= new LevelMeter()
    meter.attach(local.mic)
    cancelAnimationFrame(frame)
    watchLevel()
  }

  function watchLevel(): void {
    level.value = meter?.read() ?? 0
    loudest.value = Math.max(loudest.value, level.value)
    frame = requestAnimationFrame(watchLevel)
  }

  /** Three soft tones; the person says whether they were heard. */
  async function playTones(): Promise<void> {
    isPlaying.value = true
    const context = new AudioContext()
    await context.resume()
    const gain = context.createGain()
    gain.gain.value = 0.15
    gain.connect(context.destination)
    for (const [index, pitch] of [523, 659, 784].entries()) {
      const tone = context.createOscillator()
      tone.frequency.value = pitch
      tone.connect(gain)
      tone.start(context.currentTime + index * 0.35)
      tone.stop(context.currentTime + index * 0.35 + 0.3)
      if (index === 2) {
        tone.onended = () => {
          isPlaying.value = false
          void context.close()
        }
      }
    }
  }

  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    meter?.close()
    local.close()
  })

  return {
    faults, picture, level, isOpening, chosen, cameras, mics, speaker, isPlaying, browser, camera, mic, isReady, isFaulty, open, playTones,
    use: (kind: 'camera' | 'mic', id: string) => local.use(kind, id),
  }
}
