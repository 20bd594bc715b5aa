/**
 * One person's room: socket, media, sound and the server's view as reactive state. The view decides what is shown; this file
 * only keeps the lines alive and hands commands on.
 */
import { problemText } from '@dr/locale'
import { CommandError, MediaSession, PageState, RemoteAudio, type RemoteSeat, SessionSocket, signalOver, wireMedia } from '@dr/rtc'
import { computed, type InjectionKey, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { say } from '../../shared/say'
import { useDevices } from '../devices/store'
import { canDo, type SessionView } from './wire'

export type Room = ReturnType<typeof useRoom>
export const ROOM: InjectionKey<Room> = Symbol('room')

export function useRoom(sessionId: string, ticket: () => string | null) {
  const devices = useDevices()
  const view = shallowRef<SessionView | null>(null)
  const link = ref('connecting')
  /** What the server said before the line was lost: `SERVER_STOPS` when the whole service stops. */
  const lostBy = ref<string | null>(null)
  const closed = shallowRef<{ reason: string; code: string | null } | null>(null)
  const mediaState = ref('idle')
  const remote = shallowRef<readonly RemoteSeat[]>([])
  const quality = ref<number | null>(null)
  const levels = shallowRef<Readonly<Record<string, number>>>({})
  const partial = ref('')
  const isSoundBlocked = ref(false)
  const clockOffset = ref(0)
  const busy = ref('')
  const isOver = computed(() => view.value !== null && ['ended', 'declined', 'aborted'].includes(view.value.phase))

  const socket = new SessionSocket<SessionView>({ url: `/ws/sessions/${sessionId}`, ticket })
  const sound = new RemoteAudio()
  let media: MediaSession | null = null
  let isEntering = false
  let screen: MediaStreamTrack | null = null
  /** Whether the person wants to share: pressed to begin, and not yet pressed to end. */
  const shareWish = ref(true)
  const page = new PageState((lapses) => socket.command('report_state', lapses))

  socket.on('update', ({ view: next, events }) => {
    clockOffset.value = Date.parse(next.server_time) - Date.now()
    if (next.node?.node_id !== view.value?.node?.node_id || events.some((event) => event.type === 'answer_window_opened')) partial.value = ''
    view.value = next
    // Not yet in, or taken for gone while the line stood: in (again) as soon as the server allows it.
    if (canDo(next, 'enter_room')) void enter()
    if (isOver.value) leave()
    else void startMedia()
  })
  socket.on('state', (state) => {
    link.value = state
    lostBy.value = socket.lostBy
    page.line(state === 'online')
  })
  socket.on('closed', (value) => {
    closed.value = value
    stopMedia()
  })
  socket.on('push', ({ push, data }) => {
    if (push === 'partial' && data['seat_id'] === view.value?.me.seat_id) partial.value = String(data['text'] ?? '')
    if (push === 'levels') levels.value = data['levels'] as Record<string, number>
  })
  sound.on('blocked', (value) => (isSoundBlocked.value = value))

  async function enter(): Promise<void> {
    if (isEntering) return
    isEntering = true
    await socket.command('enter_room').catch(() => undefined) // the next view tries again
    isEntering = false
  }

  async function startMedia(): Promise<void> {
    if (media || !view.value?.me.is_media_allowed || !devices.media) return
    const session = new MediaSession({ signal: signalOver(socket) })
    media = session
    wireMedia(socket, session)
    session.on('state', (state) => (mediaState.value = state))
    session.on('refused', (code) => {
      if (code?.startsWith('MEDIA_') && code !== 'MEDIA_UNAVAILABLE') say(problemText({ code }), 6000)
    })
    session.on('quality', ({ score }) => (quality.value = score))
    session.on('remote', (seats) => {
      remote.value = seats
      sound.play({ prompt: session.prompt, ...Object.fromEntries(seats.map((seat) => [seat.seatId, seat.mic])) })
    })
    await session.setTrack('mic', devices.media.mic)
    await session.setTrack('camera', devices.media.camera)
    await session.setTrack('screen', screen)
    await session.start()
  }

  watch(
    () => [devices.media, devices.changes],
    () => {
      if (!devices.media) return
      page.watch('mic', devices.media.mic)
      page.watch('camera', devices.media.camera)
      if (media) {
        void media.setTrack('mic', devices.media.mic)
        void media.setTrack('camera', devices.media.camera)
      } else void startMedia()
    },
    { immediate: true },
  )

  function stopMedia(): void {
    media?.close()
    media = null
    mediaState.value = 'idle'
    remote.value = []
    levels.value = {}
    sound.close()
  }

  /** The session is over: everything is put away, the last view stays. */
  function leave(): void {
    page.stop()
    stopMedia()
    devices.close()
    socket.stop()
  }

  /** Send a command; a refusal is said in plain words. True when it was accepted. */
  async function command(name: string, params: object = {}, isQuiet = false): Promise<boolean> {
    if (busy.value === name) return false
    if (name === 'start_share' || name === 'stop_share') shareWish.value = name === 'start_share'
    if (!isQuiet) busy.value = name
    try {
      await socket.command(name, params)
      return true
    } catch (error) {
      if (!isQuiet && error instanceof CommandError) say(problemText(error.problem as never))
      return false
    } finally {
      if (!isQuiet) busy.value = ''
    }
  }

  /** The reader's canvas as the screen track, or null. */
  function shareTrack(track: MediaStreamTrack | null): void {
    screen = track
    void media?.setTrack('screen', track)
  }

  /** Take the seat back from another tab. */
  function takeBack(): void {
    closed.value = null
    socket.start()
  }

  /** Milliseconds on the recording's clock, or null before it runs. */
  function recordingMs(now = Date.now()): number | null {
    const { started_at: started, duration_ms: done } = view.value?.recording ?? {}
    if (done) return done
    return started ? now + clockOffset.value - Date.parse(started) : null
  }

  // A phone that comes back from a call or the lock screen has paused every sound.
  const onReturn = (): void => {
    if (document.visibilityState === 'visible') void sound.unlock()
  }

  socket.start()
  document.addEventListener('visibilitychange', onReturn)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', onReturn)
    leave()
  })

  return {
    view,
    link,
    lostBy,
    closed,
    mediaState,
    remote,
    quality,
    levels,
    partial,
    isSoundBlocked,
    clockOffset,
    busy,
    isOver,
    shareWish,
    command,
    shareTrack,
    takeBack,
    recordingMs,
    unlockSound: () => sound.unlock(),
    serverNow: () => Date.now() + clockOffset.value,
  }
}
