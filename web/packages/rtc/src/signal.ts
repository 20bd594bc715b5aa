/** Media signalling over a session socket. */
import type { MediaSession, MediaSignal } from "./media-session";
import type { Slot } from "./protocol";
import type { SessionSocket } from "./socket";

/** The commands `media.join`, `media.answer` and `media.restart` as a `MediaSignal`. */
export function signalOver(socket: SessionSocket<never> | SessionSocket): MediaSignal {
  return {
    ready: () => socket.ready(),
    join: () => socket.command("media.join", {}, 12_000),
    answer: (legId, sdp) => socket.command("media.answer", { leg_id: legId, sdp }),
    restart: (legId) => socket.command("media.restart", { leg_id: legId }, 4000),
  };
}

/** Let the session's pushes about media reach the media session. Returns a function that lets go. */
export function wireMedia(socket: SessionSocket<never> | SessionSocket, media: MediaSession): () => void {
  return socket.on("push", ({ name, data }) => {
    if (name === "slots") media.applySlots(data["slots"] as Slot[]);
    if (name === "leg_closed") media.legClosed(data["leg_id"] as string);
  });
}
