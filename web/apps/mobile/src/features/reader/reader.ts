/** The reader's state: which document is open, what is drawn on the stage, what is told to the server, the track that is shared. */
import { CanvasTrack } from '@dr/rtc'
import { exactTime } from '@dr/ui'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useJoin } from '../join/store'
import type { Room } from '../room/room'
import type { DocumentInView, LedgerLine } from '../room/wire'
import { isDone, myDocuments, myLines, nextStep } from './guidance'
import { NotOpenError, PdfFile, WrongBytesError } from './pdf'
import { Reporter } from './reporter'
import { SignatureInk } from './signature'
import { type Header, Stage } from './stage'
import { DocumentViewer } from './viewer'

export const PAD_ASPECT = 2.1

export interface Words {
  product: string
  list: string
  signature: string
  signatureNote: string
  page(page: number, count: number): string
  hash(start: string): string
  signer(name: string): string
  state(document: DocumentInView): string
}

export function useReader(room: Room, words: Words, isInFront: () => boolean, isShared: () => boolean) {
  const join = useJoin()
  const openDocument = shallowRef<DocumentInView | null>(null)
  const signing = shallowRef<LedgerLine | null>(null)
  const place = shallowRef({ page: 1, zoom: 1 })
  const problem = ref('')
  const isLoading = ref(false)
  const pageText = ref('')
  const ink = new SignatureInk()
  let stage: Stage | null = null
  let track: CanvasTrack | null = null
  let viewer: DocumentViewer | null = null
  let elements: { scroller: HTMLElement; spacer: HTMLElement } | null = null
  let frame = 0
  let opening = 0
  let wasShared = false

  const view = computed(() => room.view.value)
  const step = computed(() => (view.value && openDocument.value ? nextStep(view.value, openDocument.value.document_id) : null))
  const reporter = new Reporter(
    (reading) => void room.command('document.view', reading, true),
    () => isInFront() && document.visibilityState === 'visible' && room.link.value === 'online' && !signing.value,
  )
  const clock = setInterval(() => paint(), 1000)

  function attach(canvas: HTMLCanvasElement, scroller: HTMLElement, spacer: HTMLElement): void {
    stage = new Stage(canvas)
    elements = { scroller, spacer }
    fit()
    paint()
    track = new CanvasTrack(canvas, { maxFps: 8, heartbeatMs: 1000 })
    if (isShared()) room.shareTrack(track.track)
  }

  function fit(): void {
    if (!stage) return
    const box = stage.canvas.getBoundingClientRect()
    stage.textScale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 18
    stage.canvas.parentElement?.style.setProperty('--header', `${stage.headerHeight}px`)
    if (stage.resize(box.width, box.height, window.devicePixelRatio)) paint()
  }

  /** Draw soon: many changes in one frame are one drawing. */
  function paint(): void {
    if (!frame) frame = requestAnimationFrame(draw)
    // A page in the background gets no frames, the recording still wants the time to go on.
    if (document.visibilityState !== 'visible') draw()
  }

  function draw(): void {
    cancelAnimationFrame(frame)
    frame = 0
    if (!stage) return
    const file = openDocument.value
    if (signing.value) {
      const note = `${words.signatureNote} ${exactTime(new Date(room.serverNow()).toISOString())}`
      stage.drawSignature(header(words.signature, ''), { document: signing.value.document_name, signer: words.signer(signing.value.name), note }, ink.strokes, PAD_ASPECT)
    } else if (file && viewer) {
      const { page } = viewer.place
      stage.drawDocument(header(file.name, words.page(page, viewer.file.pages.length), file.sha256), viewer.layout, viewer.window, (number) => viewer?.picture(number) ?? null)
      // Told only once it is on the stage, and with it in the recording: nobody reads a page that is still being drawn.
      const { shown } = viewer
      reporter.show(shown && { document_id: file.document_id, ...shown })
    } else {
      const documents = view.value ? myDocuments(view.value) : []
      stage.drawList(header(words.list, ''), documents.map((item) => ({ title: item.name, state: words.state(item) })))
    }
    track?.changed()
  }

  function header(title: string, page: string, sha256 = ''): Header {
    const me = view.value?.me
    return { title, page, reader: me?.name ?? '', hash: sha256 && words.hash(sha256.slice(0, 8)), time: exactTime(new Date(room.serverNow()).toISOString()) }
  }

  async function open(file: DocumentInView): Promise<void> {
    const turn = ++opening
    wasShared = isShared()
    close()
    openDocument.value = file
    problem.value = ''
    isLoading.value = true
    paint()
    try {
      const response = await fetch(file.url, { headers: { Authorization: `Bearer ${join.saved.seat?.ticket ?? ''}` }, signal: AbortSignal.timeout(60_000) })
      if (response.status === 409) throw new NotOpenError()
      if (!response.ok) throw new Error(String(response.status))
      const pdf = await PdfFile.open(await response.arrayBuffer(), file.sha256)
      if (turn !== opening || !elements || !stage) return pdf.close()
      await room.command('document.open', { document_id: file.document_id }, true)
      if (turn !== opening) return pdf.close()
      viewer = new DocumentViewer(pdf, elements.scroller, elements.spacer, () => stage?.ratio ?? 1, moved)
      moved()
      elements.scroller.focus({ preventScroll: true })
    } catch (error) {
      if (turn === opening) problem.value = error instanceof WrongBytesError ? 'wrong_bytes' : error instanceof NotOpenError || !mayRead() ? 'not_open' : 'not_loaded'
    } finally {
      if (turn === opening) isLoading.value = false
    }
  }

  /** Reading is over while the file was still on its way: the share has ended, by whomever. */
  function mayRead(): boolean {
    return view.value?.phase === 'recording' && (!wasShared || isShared())
  }

  function moved(): void {
    if (viewer && openDocument.value) {
      const now = viewer.place
      place.value = { page: now.page, zoom: now.zoom }
    }
    paint()
  }

  /** Back to the list. */
  function close(): void {
    reporter.show(null)
    viewer?.close()
    viewer = null
    openDocument.value = null
    pageText.value = ''
    paint()
  }

  async function enlarge(what: 'title' | 'number'): Promise<void> {
    if (!viewer) return
    const { file } = viewer
    const spot =
      what === 'number'
        ? ((await file.find(view.value?.case.proposal_no ?? '')) ?? (await file.find('投保单号')))
        : ((await file.find(openDocument.value?.name ?? '')) ?? (await file.title()))
    if (viewer?.file === file) viewer.showLarge(spot ?? { page: 1, x: 0.5, y: 0.08 })
  }

  async function sign(): Promise<boolean> {
    const line = signing.value
    if (!line) return false
    const isKept = await room.command('document.sign', { document_id: line.document_id, person_id: line.person_id, strokes: ink.strokes })
    if (isKept) endSigning()
    return isKept
  }

  function startSigning(line: LedgerLine): void {
    ink.clear()
    signing.value = line
    paint()
  }

  function endSigning(): void {
    signing.value = null
    ink.clear()
    paint()
  }

  watch(
    () => [place.value.page, openDocument.value, isLoading.value] as const,
    async ([page, file]) => {
      const text = file && viewer ? await viewer.file.text(page).catch(() => '') : ''
      if (place.value.page === page && openDocument.value === file) pageText.value = text
    },
  )
  watch(isShared, (value) => room.shareTrack(value ? (track?.track ?? null) : null))
  // A new connection after a repair has the track already; a new view only changes words on the stage.
  watch(view, paint)

  onScopeDispose(() => {
    clearInterval(clock)
    cancelAnimationFrame(frame)
    reporter.stop()
    viewer?.close()
    room.shareTrack(null)
    track?.stop()
  })

  return {
    view,
    openDocument,
    signing,
    place,
    problem,
    isLoading,
    pageText,
    step,
    ink,
    attach,
    fit,
    paint,
    open,
    close,
    enlarge,
    startSigning,
    endSigning,
    sign,
    readOn: (page: number) => viewer?.readOn(page),
    goTo: (page: number) => viewer?.goTo(page),
    zoomBy: (factor: number) => viewer?.setZoom(viewer.zoom * factor),
    pageCount: () => viewer?.file.pages.length ?? openDocument.value?.page_count ?? 0,
    lines: (file: DocumentInView) => (view.value ? myLines(view.value, file.document_id) : []),
    isDone: (file: DocumentInView) => (view.value ? isDone(view.value, file.document_id) : false),
  }
}

export type Reader = ReturnType<typeof useReader>
