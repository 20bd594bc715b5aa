/** The one place that opens the camera for the identity check, and takes one picture from it. */
import { DeviceError } from '@dr/rtc'

export async function openFrontCamera(): Promise<MediaStream> {
  if (!window.isSecureContext) throw new DeviceError('insecure', 'camera')
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError('unsupported', 'camera')
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } } })
  } catch (error) {
    const name = (error as { name?: string } | null)?.name ?? ''
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new DeviceError('denied', 'camera')
    if (name === 'NotFoundError' || name === 'OverconstrainedError') throw new DeviceError('missing', 'camera')
    if (name === 'NotReadableError' || name === 'AbortError') throw new DeviceError('busy', 'camera')
    throw new DeviceError('unknown', 'camera')
  }
}

export async function takePicture(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  if (!blob) throw new Error('no picture')
  return blob
}
