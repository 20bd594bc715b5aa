/**
 * The one canvas that is both seen and recorded. Everything that matters as evidence is drawn on it: the document, its name and
 * hash, page n of m, who reads, the server's time, and the strokes of a signature.
 */
import type { Layout, Window } from './layout'
import type { Stroke } from './signature'

export interface Header {
  readonly title: string
  readonly page: string
  readonly reader: string
  readonly hash: string
  readonly time: string
}

export interface ListLine {
  readonly title: string
  readonly state: string
}

/** Longest side of the recorded picture in pixels: text stays legible, a phone can encode it. */
const MAX_SIDE = 1600
const FONT = '"PingFang SC","HarmonyOS Sans SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif'
const INK = '#16262b'
const QUIET = '#465a61'

export class Stage {
  private readonly context: CanvasRenderingContext2D
  width = 0
  height = 0
  ratio = 1
  /** Size of the person's text against the usual 18 px. */
  textScale = 1

  constructor(readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false })
    if (!context) throw new Error('no 2d canvas')
    this.context = context
  }

  get headerHeight(): number {
    return Math.round(54 * Math.min(1.3, this.textScale))
  }

  /** Take the size of the element. True when it changed. */
  resize(width: number, height: number, devicePixelRatio: number): boolean {
    const ratio = Math.min(devicePixelRatio, 2.5, MAX_SIDE / Math.max(width, height))
    // Encoders want even sides.
    const [w, h] = [Math.max(2, Math.round((width * ratio) / 2) * 2), Math.max(2, Math.round((height * ratio) / 2) * 2)]
    this.width = width
    this.height = height
    this.ratio = w / width
    if (this.canvas.width === w && this.canvas.height === h) return false
    this.canvas.width = w
    this.canvas.height = h
    return true
  }

  drawDocument(header: Header, layout: Layout, view: Window, picture: (page: number) => HTMLCanvasElement | null): void {
    const { context } = this
    this.begin('#dfe5e7')
    for (const box of layout.boxes) {
      const top = box.top - view.top + this.headerHeight
      if (top > this.height || top + box.height < this.headerHeight) continue
      const left = box.left - view.left
      context.fillStyle = '#ffffff'
      context.fillRect(left, top, box.width, box.height)
      const drawn = picture(box.page)
      if (drawn && drawn.width > 0) context.drawImage(drawn, left, top, box.width, box.height)
      else this.text('正在加载…', left + box.width / 2, top + Math.min(box.height, this.height) / 2, 16, QUIET, 'center')
    }
    this.header(header)
  }

  drawList(header: Header, lines: readonly ListLine[]): void {
    this.begin('#f6f8f8')
    let y = this.headerHeight + 40
    for (const line of lines) {
      this.text(line.title, 24, y, 18, INK)
      this.text(line.state, this.width - 24, y, 15, QUIET, 'right')
      y += 44
    }
    this.header(header)
  }

  drawSignature(header: Header, words: { document: string; signer: string; note: string }, strokes: readonly Stroke[], aspect: number): void {
    const { context } = this
    this.begin('#f6f8f8')
    const width = Math.min(this.width - 32, 900)
    const height = Math.min(width / aspect, this.height - this.headerHeight - 150)
    const left = (this.width - width) / 2
    const top = this.headerHeight + 92
    this.text(words.document, left, this.headerHeight + 36, 18, INK)
    this.text(words.signer, left, this.headerHeight + 68, 16, QUIET)
    context.fillStyle = '#ffffff'
    context.fillRect(left, top, width, height)
    context.strokeStyle = '#b4c1c5'
    context.lineWidth = 1
    context.strokeRect(left, top, width, height)
    context.strokeStyle = '#0b1e46'
    context.lineWidth = Math.max(2, width / 160)
    context.lineCap = 'round'
    context.lineJoin = 'round'
    for (const stroke of strokes) trace(context, stroke, (point) => [left + point.x * width, top + point.y * height])
    this.text(words.note, left, top + height + 28, 14, QUIET)
    this.header(header)
  }

  private begin(background: string): void {
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
    this.context.fillStyle = background
    // The picture's sides are even numbers of pixels: it may be a pixel larger than the element, and is not to end in a black line.
    this.context.fillRect(0, 0, this.width + 2, this.height + 2)
  }

  private header(header: Header): void {
    const { context, width, headerHeight } = this
    context.fillStyle = '#0a444d'
    context.fillRect(0, 0, width, headerHeight)
    const first = headerHeight * 0.4
    const right = header.page ? this.measure(header.page, 15) + 28 : 14
    this.text(header.title, 14, first, 16, '#ffffff', 'left', width - right - 14, true)
    this.text(header.page, width - 14, first, 15, '#ffffff', 'right')
    const second = headerHeight * 0.78
    this.text(header.time, width - 14, second, 12, '#cfe3e6', 'right')
    this.text([header.reader, header.hash].filter(Boolean).join(' · '), 14, second, 12, '#cfe3e6', 'left', width - this.measure(header.time, 12) - 40)
  }

  private measure(text: string, size: number): number {
    this.font(size, false)
    return this.context.measureText(text).width
  }

  private font(size: number, isBold: boolean): void {
    this.context.font = `${isBold ? 600 : 400} ${Math.round(size * Math.min(1.3, this.textScale))}px ${FONT}`
  }

  private text(text: string, x: number, y: number, size: number, color: string, align: CanvasTextAlign = 'left', limit = Infinity, isBold = false): void {
    const { context } = this
    this.font(size, isBold)
    context.textBaseline = 'middle'
    context.textAlign = align
    context.fillStyle = color
    let shown = text
    while (shown.length > 1 && context.measureText(shown).width > limit) shown = `${shown.replace(/…$/, '').slice(0, -1)}…`
    context.fillText(shown, x, y)
  }
}

/** Draw one stroke as a smooth line. */
export function trace(context: CanvasRenderingContext2D, stroke: Stroke, at: (point: Stroke[number]) => [number, number]): void {
  const points = stroke.map(at)
  const first = points[0]
  if (!first) return
  context.beginPath()
  context.moveTo(first[0], first[1])
  if (points.length === 1) context.lineTo(first[0] + 0.1, first[1])
  for (let index = 1; index < points.length; index += 1) {
    const [previous, point] = [points[index - 1], points[index]]
    if (!previous || !point) continue
    context.quadraticCurveTo(previous[0], previous[1], (previous[0] + point[0]) / 2, (previous[1] + point[1]) / 2)
  }
  const last = points[points.length - 1]
  if (last) context.lineTo(last[0], last[1])
  context.stroke()
}
