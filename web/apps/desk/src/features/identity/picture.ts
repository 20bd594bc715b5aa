/** Pictures on their way to the server: JPEG or PNG as they are, everything else the browser can read as JPEG, never too large. */

export const MAX_BYTES = 12 << 20
const COMFORTABLE_BYTES = 6 << 20
const LONGEST_SIDE = 3000

export class PictureProblem extends Error {
  constructor(readonly code: 'IMAGE_UNREADABLE' | 'IMAGE_TOO_LARGE') {
    super(code)
  }
}

/** Whether a file goes up unchanged. */
export const isSentAsIs = (file: { type: string; size: number }) => /^image\/(jpeg|png)$/.test(file.type) && file.size <= COMFORTABLE_BYTES

/** Size after shrinking so that the longest side fits. */
export function fit(width: number, height: number, longest = LONGEST_SIDE): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}

export async function prepare(file: File): Promise<Blob> {
  if (isSentAsIs(file)) return file
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    throw new PictureProblem('IMAGE_UNREADABLE')
  }
  const { width, height } = fit(bitmap.width, bitmap.height)
  return await draw(bitmap, width, height).finally(() => bitmap.close())
}

/** What a camera preview shows now, unmirrored. */
export async function snapshot(video: HTMLVideoElement): Promise<Blob> {
  if (!video.videoWidth) throw new PictureProblem('IMAGE_UNREADABLE')
  return draw(video, video.videoWidth, video.videoHeight)
}

async function draw(source: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(source, 0, 0, width, height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  if (!blob) throw new PictureProblem('IMAGE_UNREADABLE')
  if (blob.size > MAX_BYTES) throw new PictureProblem('IMAGE_TOO_LARGE')
  return blob
}
