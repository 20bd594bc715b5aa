/**
 * The live room of one page: the session socket, own devices, the media connection and the sound. It renders the server's view
 * and sends commands; it decides nothing about the session.
 */
import type { Schema } from '@dr/api'
import { type ClosedReason, CommandError, DeviceError, LocalMedia, MediaSession, type MediaState, type Quality, NOT_MEASURED, PageState, RemoteAudio, type RemoteSeat, type SessionEvent, SessionSocket, signalOver, type SocketState, watchNetwork, wireMedia } from '@dr/rtc'
import { computed, onScopeDispose, reactive, ref, shallowRef } from 'vue'
import { tellProblem } from '../../shared/useAction'
import { useRecordingGap } from './recording-gap'

export type View = Schema<'SessionView'>

const LIVE = new Set(['lobby', 'recording'])
/** No media worker takes the room now. Other refusals of media pass by themselves within seconds. */
const NO_ROOM = new Set(['MEDIA_FULL', 'MEDIA_DISK_LOW', 'MEDIA_DRAINING'])

export function useRoom(sessionId: string, onEvents: (events: readonly SessionEvent[]) => void) {
  const socket = new SessionSocket<View>({ url: `/ws/sessions/${encodeURIComponent(sessionId)}` })
  const local = new LocalMedia({ width: 960, height: 540 })
  const media = new MediaSession({ signal: signalOver(socket) })
  const sound = new RemoteAudio()
  const page = new PageState((lapses) => socket.command('report_state', lapses))

  const missing = useRecordingGap(sessionId)
  const view = shallowRef<View | null>(null)
  const socketState = ref<SocketState>('idle')
  const hasNetwork = ref(true)
  /** The whole service said that it stops; null: the line was lost without a word. */
  const lostBy = ref<string | null>(null)
  const mediaState = ref<MediaState>('idle')
  /** Why nobody can be heard or seen yet: a code of `NO_ROOM`. */
  const noRoom = ref<string | null>(null)
  const closed = shallowRef<{ reason: ClosedReason; code: string | null } | null>(null)
  const deviceFault = shallowRef<DeviceError | null>(null)
  const isSoundBlocked = ref(false)
  const remote = shallowRef<readonly RemoteSeat[]>([])
  const own = shallowRef<MediaStream | null>(null)
  const quality = shallowRef<Quality>(NOT_MEASURED)
  const partials = reactive<Record<string, string>>({})
  const levels = shallowRef<Record<string, number>>({})
  const qualities = reactive<Record<string, number | null>>({})
  const captions = ref<{ id: number; name: string; text: string }[]>([])
  const busy = reactive(new Set<string>())
  const clockOffset = ref(0)
  const now = ref(Date.now())
  let captionId = 0
  let isEntering = false
  let hasMedia = false
  let isGone = false

  /** Nothing is known of the session and nothing can be told to it. What was shown last stays, the clock stands. */
  const isAway = computed(() => LIVE.has(view.value?.phase ?? '') && (socketState.value !== 'online' || !hasNetwork.value) && closed.value === null)
  const timer = setInterval(() => {
    if (!isAway.value) now.value = Date.now()
  }, 100)
  onScopeDispose(watchNetwork((isUp) => (hasNetwork.value = isUp)))
  const serverNow = computed(() => now.value + clockOffset.value)
  const elapsedMs = computed(() => {
    const recording = view.value?.recording
    if (!recording?.started_at) return null
    if (recording.duration_ms !== null && recording.duration_ms !== undefined) return recording.duration_ms
    return Math.max(0, serverNow.value - Date.parse(recording.started_at))
  })

  const nameOf = (seatId: string) => view.value?.people.find((person) => person.seat_id === seatId)?.name ?? ''

  socket.on('state', (state) => {
    socketState.value = state
    lostBy.value = socket.lostBy
    if (state === 'offline' && view.value?.recording.state === 'running') missing.lost(Date.now() + clockOffset.value)
    page.line(state === 'online')
    if (state === 'online') void settle()
  })
  socket.on('closed', (why) => {
    closed.value = why
  })
  socket.on('update', (update) => {
    const before = view.value
    view.value = update.view
    clockOffset.value = Date.parse(update.view.server_time) - Date.now()
    if (before?.node?.node_id !== update.view.node?.node_id) for (const key of Object.keys(partials)) delete partials[key]
    for (const card of update.view.node?.answers ?? []) if (card.state !== 'listening' && card.state !== 'waiting') delete partials[card.person_id]
    missing.heard(update.view, update.events)
    onEvents(update.events)
    void settle()
  })
  socket.on('push', ({ push, data }) => {
    if (push === 'levels') levels.value = data.levels as Record<string, number>
    if (push === 'quality') qualities[String(data.seat_id)] = (data.score as number | null) ?? null
    if (push === 'partial') partials[String(data.person_id)] = String(data.text ?? '')
    if (push === 'caption') captions.value = [...captions.value.slice(-3), { id: (captionId += 1), name: nameOf(String(data.seat_id)), text: String(data.text ?? '') }]
  })
  wireMedia(socket, media)
  media.on('state', (state) => (mediaState.value = state))
  media.on('refused', (code) => (noRoom.value = code && NO_ROOM.has(code) ? code : null))
  media.on('quality', (value) => (quality.value = value))
  media.on('remote', (seats) => {
    remote.value = [...seats]
    sound.play({ prompt: media.prompt, ...Object.fromEntries(seats.map((seat) => [seat.seatId, seat.mic])) })
  })
  sound.on('blocked', (value) => (isSoundBlocked.value = value))
  local.on('problem', () => (deviceFault.value = local.problems[0] ?? null))
  local.on('interrupted', ({ isInterrupted }) => {
    if (!isInterrupted) deviceFault.value = local.problems[0] ?? null
  })
  local.on('track', ({ kind, track }) => {
    own.value = new MediaStream(local.stream.getVideoTracks())
    page.watch(kind, track)
    void media.setTrack(kind, track)
  })

  /** Enter when the server lets us, then bring the media up; both happen again after a return. */
  async function settle(): Promise<void> {
    const current = view.value
    if (socket.state !== 'online') return
    if (!current || !LIVE.has(current.phase) || isGone) {
      if (current && !LIVE.has(current.phase)) stopMedia()
      return
    }
    const mine = current.people.find((person) => person.is_me)
    const canEnter = current.allowed_actions.some((action) => action.action === 'enter_room' && action.enabled)
    if (canEnter && mine?.presence !== 'present' && !isEntering) {
      isEntering = true
      await socket.command('enter_room').catch(() => undefined)
      isEntering = false
    }
    if (current.me.is_media_allowed && !hasMedia) {
      hasMedia = true
      media.start().catch(() => (hasMedia = false))
    }
  }

  async function openDevices(): Promise<void> {
    deviceFault.value = null
    try {
      await local.open() // each track goes to the media as it comes, also when the other does not
    } catch (error) {
      deviceFault.value = error instanceof DeviceError ? error : new DeviceError('unknown', 'both')
    }
  }

  async function start(): Promise<void> {
    await openDevices()
    if (!isGone) socket.start()
  }

  /** Send a command; a refusal is told in words. Returns whether it was accepted. */
  async function command(name: string, params: object = {}): Promise<boolean> {
    if (busy.has(name)) return false
    busy.add(name)
    try {
      await socket.command(name, params, name === 'start_recording' || name === 'end_recording' ? 30_000 : undefined)
      return true
    } catch (error) {
      if (error instanceof CommandError) tellProblem({ code: error.code, params: { ...error.params } })
      else throw error
      return false
    } finally {
      busy.delete(name)
    }
  }

  async function share(track: MediaStreamTrack | null): Promise<void> {
    await media.setTrack('screen', track)
  }

  function stopMedia(): void {
    media.close()
    sound.close()
    local.close()
  }

  function takeBack(): void {
    closed.value = null
    socket.start()
  }

  onScopeDispose(() => {
    isGone = true
    page.stop()
    clearInterval(timer)
    stopMedia()
    socket.stop()
  })

  return {
    view, socketState, hasNetwork, lostBy, isAway, gap: missing.gap, readGap: missing.read, mediaState, noRoom, closed, deviceFault, isSoundBlocked, remote, own, quality, partials, levels, qualities, captions, busy,
    serverNow, elapsedMs, start, openDevices, command, share, takeBack, unlockSound: () => sound.unlock(),
  }
}

export type Room = ReturnType<typeof useRoom>
