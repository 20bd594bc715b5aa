/** Records the short video of the face check: one camera, the steps of a challenge on time, one file. */
import { DeviceError } from '@dr/rtc'
import type { Challenge, ChallengeStep } from './api'

const TYPES = ['video/webm;codecs=vp8,opus', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4']
const BITS = 1_200_000
const TAIL_MS = 700

/** The kind of file this browser can record, or null. */
export function recordableType(isSupported: (type: string) => boolean = (type) => typeof MediaRecorder !== 'undefined' && MediaRecorder.isTypeSupported(type)): string | null {
  return TYPES.find(isSupported) ?? null
}

/** The step that is on at a time of the recording. */
export function stepAt(challenge: Challenge, ms: number): ChallengeStep | null {
  return challenge.steps.find((step) => ms >= step.from_ms && ms < step.to_ms) ?? challenge.steps.at(-1) ?? null
}

/** Record until the challenge is over. `onTime` is told the time since the recorder really started. */
export async function record(stream: MediaStream, challenge: Challenge, onTime: (ms: number) => void): Promise<Blob> {
  const type = recordableType()
  if (!type) throw new DeviceError('unsupported', 'camera')
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS })
  const parts: Blob[] = []
  recorder.ondataavailable = (event) => parts.push(event.data)
  return new Promise((resolve, reject) => {
    let timer = 0
    recorder.onstart = () => {
      const began = performance.now()
      onTime(0)
      timer = window.setInterval(() => {
        const ms = performance.now() - began
        onTime(Math.min(ms, challenge.length_ms))
        if (ms >= challenge.length_ms + TAIL_MS && recorder.state === 'recording') recorder.stop()
      }, 50)
    }
    recorder.onerror = () => {
      window.clearInterval(timer)
      reject(new DeviceError('busy', 'camera'))
    }
    recorder.onstop = () => {
      window.clearInterval(timer)
      resolve(new Blob(parts, { type: type.split(';')[0] }))
    }
    recorder.start(1000)
  })
}
