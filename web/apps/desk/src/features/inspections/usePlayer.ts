/**
 * The player on the session clock. Whatever file is shown, `t_ms` is time since recording began; a file of one person starts
 * at its own offset. Links die: an error asks for fresh ones once and goes on where it was.
 */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { openPlayer, type Source, type Ticket } from './api'
import { createPlayed } from './played'

export const RATES = [1, 1.25, 1.5, 2] as const
/** How long a picture stands in films whose rate nobody measured. */
const FRAME_MS = 40

export function usePlayer(recordingId: () => string) {
  const ticket = shallowRef<Ticket | null>(null)
  const video = shallowRef<HTMLVideoElement | null>(null)
  const sourceId = ref<string | null>(null)
  const t_ms = ref(0)
  const isPlaying = ref(false)
  const isWaiting = ref(false)
  const isBroken = ref(false)
  const rate = ref<number>(1)
  const played = createPlayed()
  const watched_ms = ref(0)
  let counted = -1
  let frame = 0
  let renewals = 0
  /** The file that was put to the session clock's time; until then its own time means nothing. */
  let placed = ''

  const sources = computed(() => ticket.value?.sources.filter((source) => source.kind !== 'markers' && source.kind !== 'thumbnails') ?? [])
  /** The small pictures: where the sheet is and how it is cut; null for a recording without. */
  const sheet = computed(() => {
    const url = ticket.value?.sources.find((item) => item.kind === 'thumbnails')?.url
    return url && ticket.value?.thumbnails ? { url, ...ticket.value.thumbnails } : null
  })
  const source = computed<Source | null>(() => sources.value.find((item) => item.id === sourceId.value) ?? sources.value[0] ?? null)

  async function open(): Promise<void> {
    ticket.value = await openPlayer(recordingId())
    sourceId.value ??= sources.value[0]?.id ?? null
  }

  function seek(to: number): void {
    t_ms.value = Math.max(0, to)
    place()
  }

  /** Put the file where the session clock is. */
  function place(): void {
    const element = video.value
    if (!element || !source.value || !Number.isFinite(element.duration)) return
    element.currentTime = Math.min(Math.max(0, (t_ms.value - source.value.t0_ms) / 1000), Math.max(0, element.duration - 0.05))
  }

  /** Show another file where the session stands; one that has nothing of that moment (a share, a part of a person's), from its beginning. */
  function choose(id: string): void {
    sourceId.value = id
    const chosen = source.value
    if (!chosen || chosen.kind === 'composite') return
    if (t_ms.value < chosen.t0_ms || t_ms.value >= chosen.t0_ms + (chosen.duration_ms ?? 0)) {
      placed = ''
      t_ms.value = chosen.t0_ms
    }
  }

  async function toggle(): Promise<void> {
    const element = video.value
    if (!element) return
    if (element.paused) await element.play().catch(() => undefined)
    else element.pause()
  }

  /** To the middle of another frame of this file: at its very edge the browser may go on showing the one before. */
  function step(frames: number): void {
    video.value?.pause()
    const start = source.value?.t0_ms ?? 0
    const stands = source.value?.frame_ms ?? FRAME_MS
    seek(start + (Math.max(0, Math.floor((t_ms.value - start) / stands) + frames) + 0.5) * stands)
  }

  function setRate(value: number): void {
    rate.value = value
    if (video.value) video.value.playbackRate = value
  }

  function onLoaded(): void {
    isBroken.value = false
    renewals = 0
    setRate(rate.value)
    place()
    placed = video.value?.currentSrc ?? ''
    if (isPlaying.value) void video.value?.play().catch(() => undefined)
  }

  /** A link that died gives way to a fresh one; a file that cannot be decoded is told. */
  async function onError(): Promise<void> {
    if (renewals > 0) {
      isBroken.value = true
      return
    }
    renewals += 1
    await open().catch(() => (isBroken.value = true))
  }

  function follow(): void {
    const element = video.value
    if (element && source.value && !element.seeking && element.readyState > 0 && element.currentSrc === placed) {
      t_ms.value = Math.round(element.currentTime * 1000 + source.value.t0_ms)
      if (element.paused) played.pause()
      else {
        played.at(t_ms.value)
        if (Math.floor(t_ms.value / 1000) !== counted) {
          counted = Math.floor(t_ms.value / 1000)
          watched_ms.value = played.total()
        }
      }
    } else played.pause()
    frame = requestAnimationFrame(follow)
  }

  frame = requestAnimationFrame(follow)
  onScopeDispose(() => cancelAnimationFrame(frame))
  return { ticket, video, sources, source, sheet, t_ms, isPlaying, isWaiting, isBroken, rate, watched_ms, played, open, seek, choose, toggle, step, setRate, onLoaded, onError }
}

export type Player = ReturnType<typeof usePlayer>
export type Sheet = NonNullable<Player['sheet']['value']>
