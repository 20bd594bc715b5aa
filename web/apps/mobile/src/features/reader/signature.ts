/** Strokes of a signature as they are kept: pen positions in 0…1 of the pad with their time. */
export interface StrokePoint {
  readonly x: number
  readonly y: number
  readonly t: number
  readonly p?: number
}

export type Stroke = StrokePoint[]

const MAX_POINTS = 2000
const MAX_STROKES = 100
/** Points closer than this (of the pad) add nothing to the line. */
const MIN_STEP = 0.002

/** Collects strokes within the limits of the wire. */
export class SignatureInk {
  strokes: Stroke[] = []
  private startedAt: number | null = null
  private current: Stroke | null = null

  get isEmpty(): boolean {
    return this.strokes.length === 0
  }

  down(x: number, y: number, now: number, pressure?: number): void {
    if (this.strokes.length >= MAX_STROKES) return
    this.startedAt ??= now
    this.current = []
    this.strokes.push(this.current)
    this.add(x, y, now, pressure)
  }

  move(x: number, y: number, now: number, pressure?: number): boolean {
    const last = this.current?.at(-1)
    if (!this.current || !last || this.current.length >= MAX_POINTS) return false
    if (Math.hypot(x - last.x, y - last.y) < MIN_STEP) return false
    this.add(x, y, now, pressure)
    return true
  }

  up(): void {
    this.current = null
  }

  clear(): void {
    this.strokes = []
    this.startedAt = null
    this.current = null
  }

  private add(x: number, y: number, now: number, pressure?: number): void {
    const point = { x: unit(x), y: unit(y), t: Math.min(600_000, Math.max(0, Math.round(now - (this.startedAt ?? now)))) }
    this.current?.push(pressure && pressure > 0 && pressure !== 0.5 ? { ...point, p: unit(pressure) } : point)
  }
}

function unit(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
}
