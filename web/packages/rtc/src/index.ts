/** Public face of the package; see README.md for how the parts fit. */
export { Backoff } from "./backoff";
export { CanvasTrack, type CanvasTrackOptions } from "./canvas-track";
export { Emitter } from "./emitter";
export { LADDER_LIMITS, LinkWatch, type LadderLimits, type LinkSample } from "./ladder";
export { LevelMeter } from "./levels";
export { DeviceError, LocalMedia, type DeviceProblem, type LocalMediaEvents, type LocalMediaOptions } from "./local-media";
export {
  MediaSession,
  type MediaEvents,
  type MediaSessionOptions,
  type MediaSignal,
  type MediaState,
  type RemoteSeat,
} from "./media-session";
export { CLOSE_REASONS, PROMPT_MID, SEND_MIDS, type MediaKind, type Problem, type SendKind, type Slot } from "./protocol";
export { NOT_MEASURED, type Quality } from "./quality";
export { RemoteAudio } from "./remote-audio";
export { signalOver, wireMedia } from "./signal";
export {
  CommandError,
  SessionSocket,
  type ClosedReason,
  type SessionSocketOptions,
  type SocketEvents,
  type SocketState,
} from "./socket";
