/**
 * Which stretches of the session were played. A jump is no playing: from one look to the next the film moves by a fraction of a
 * second. What a tab in the background plays nobody looks at: no look, no stretch.
 */
export interface Span {
  t0_ms: number
  t1_ms: number
}

/** Farther apart than this, two looks are not one stretch; a slow machine at twice the speed stays below it. */
const JOIN_MS = 3_000

export function createPlayed() {
  let open: Span | null = null
  /** Played, and not told yet. */
  let waiting: Span[] = []
  /** Played since the page was opened. */
  let all: Span[] = []

  function pause(): void {
    if (open && open.t1_ms > open.t0_ms) {
      waiting.push(open)
      all = union([...all, open])
    }
    open = null
  }

  /** The film plays and stands here. */
  function at(t_ms: number): void {
    const now = Math.round(t_ms)
    if (open && now >= open.t1_ms && now - open.t1_ms <= JOIN_MS) {
      open.t1_ms = now
      return
    }
    pause()
    open = { t0_ms: now, t1_ms: now }
  }

  /** What was played since the last time, to be told; `putBack` when telling it failed. The stretch that plays goes on. */
  function take(most = 500): Span[] {
    const here = open?.t1_ms
    pause()
    if (here !== undefined) open = { t0_ms: here, t1_ms: here }
    const found = union(waiting)
    waiting = found.slice(most)
    return found.slice(0, most)
  }
  const putBack = (spans: Span[]) => (waiting = [...spans, ...waiting])
  const total = () => length(union(open ? [...all, open] : all))

  return { at, pause, take, putBack, total }
}

export type Played = ReturnType<typeof createPlayed>

export function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].sort((a, b) => a.t0_ms - b.t0_ms)) {
    const last = merged.at(-1)
    if (last && span.t0_ms <= last.t1_ms) last.t1_ms = Math.max(last.t1_ms, span.t1_ms)
    else merged.push({ ...span })
  }
  return merged
}

export const length = (spans: readonly Span[]) => spans.reduce((sum, span) => sum + span.t1_ms - span.t0_ms, 0)
