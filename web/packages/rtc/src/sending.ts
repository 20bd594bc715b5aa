/** What each sent track may cost and what must stay sharp when the network is narrow. */
import type { SendKind } from './protocol'

interface Tuning {
  readonly maxBitrate: number
  readonly maxFramerate?: number
  readonly degradation?: RTCDegradationPreference
  readonly contentHint: string
  readonly priority: RTCPriorityType
}

/** Speech first; of the pictures, text keeps its resolution and faces keep their motion. */
export const TUNING: Readonly<Record<SendKind, Tuning>> = {
  mic: { maxBitrate: 48_000, contentHint: 'speech', priority: 'high' },
  camera: { maxBitrate: 900_000, maxFramerate: 20, degradation: 'balanced', contentHint: 'motion', priority: 'medium' },
  screen: {
    maxBitrate: 1_500_000,
    maxFramerate: 8,
    degradation: 'maintain-resolution',
    contentHint: 'detail',
    priority: 'medium',
  },
}

/** Apply the limits; a browser that knows a field not simply leaves it out. */
export async function tuneSender(sender: RTCRtpSender, kind: SendKind): Promise<void> {
  const tuning = TUNING[kind]
  if (sender.track) sender.track.contentHint = tuning.contentHint
  const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: RTCDegradationPreference }
  const encoding = parameters.encodings?.[0]
  if (!encoding) return
  encoding.maxBitrate = tuning.maxBitrate
  encoding.priority = tuning.priority
  if (tuning.maxFramerate) encoding.maxFramerate = tuning.maxFramerate
  if (tuning.degradation) parameters.degradationPreference = tuning.degradation
  try {
    await sender.setParameters(parameters)
  } catch (error) {
    console.warn('sender parameters refused', kind, error)
  }
}
