/** Media signalling over a session socket. */
import type { MediaSession, MediaSignal } from './media-session'
import type { Slot } from './protocol'
import type { SessionSocket } from './socket'

/** The commands `media.join`, `media.answer` and `media.restart` as a `MediaSignal`. */
export function signalOver<View>(socket: SessionSocket<View>): MediaSignal {
  return {
    ready: () => socket.ready(),
    join: () => socket.command('media.join', {}, 12_000),
    answer: (legId, sdp) => socket.command('media.answer', { leg_id: legId, sdp }),
    restart: (legId) => socket.command('media.restart', { leg_id: legId }, 4000),
  }
}

/** Let the session's pushes about media reach the media session. Returns a function that lets go. */
export function wireMedia<View>(socket: SessionSocket<View>, media: MediaSession): () => void {
  return socket.on('push', ({ push, data }) => {
    if (push === 'slots') media.applySlots(data['slots'] as Slot[])
    if (push === 'rejoin') media.rejoinNow()
    if (push === 'renegotiate') void media.recover()
  })
}
