/** The one place that opens the camera, and the microphone where digits are read aloud, for the identity check. */
import { DeviceError } from '@dr/rtc'

export async function openFrontCamera(withSound: boolean): Promise<MediaStream> {
  if (!window.isSecureContext) throw new DeviceError('insecure', 'camera')
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError('unsupported', 'camera')
  const video = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: withSound, video })
  } catch (error) {
    const name = (error as { name?: string } | null)?.name ?? ''
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new DeviceError('denied', withSound ? 'microphone' : 'camera')
    if (name === 'NotFoundError' || name === 'OverconstrainedError') throw new DeviceError('missing', withSound ? 'microphone' : 'camera')
    if (name === 'NotReadableError' || name === 'AbortError') throw new DeviceError('busy', 'camera')
    throw new DeviceError('unknown', 'camera')
  }
}
