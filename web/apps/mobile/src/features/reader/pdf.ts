/** A PDF as pages to draw: pdf.js with its worker, character maps and fonts from this very server. */
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import type { PageSize } from './layout'

GlobalWorkerOptions.workerSrc = workerUrl
const ASSETS = `${import.meta.env.BASE_URL}pdf/`

/** The bytes are not the document that was promised. */
export class WrongBytesError extends Error {}

/** The server gives no paper now: the share has ended, or reading is not due. */
export class NotOpenError extends Error {}

/** A spot on a page, 0…1. */
export interface Spot {
  readonly page: number
  readonly x: number
  readonly y: number
}

interface TextItem {
  readonly str: string
  readonly transform: readonly number[]
  readonly width: number
  readonly height: number
}

export class PdfFile {
  private constructor(
    private readonly document: PDFDocumentProxy,
    readonly pages: readonly PageSize[],
  ) {}

  /** Open verified bytes; throws `WrongBytesError` when their hash is another one. */
  static async open(bytes: ArrayBuffer, sha256: string): Promise<PdfFile> {
    if ((await hashOf(bytes)) !== sha256.toLowerCase()) throw new WrongBytesError()
    const document = await getDocument({
      data: new Uint8Array(bytes),
      cMapUrl: `${ASSETS}cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${ASSETS}standard_fonts/`,
      wasmUrl: `${ASSETS}wasm/`,
      enableXfa: false,
    }).promise
    const pages: PageSize[] = []
    for (let number = 1; number <= document.numPages; number += 1) {
      const { width, height } = (await document.getPage(number)).getViewport({ scale: 1 })
      pages.push({ width, height })
    }
    return new PdfFile(document, pages)
  }

  /** Draw a page `width` device pixels wide. The signal gives the work up. */
  async draw(number: number, width: number, signal: AbortSignal): Promise<HTMLCanvasElement> {
    const page = await this.document.getPage(number)
    const size = this.pages[number - 1] as PageSize
    const viewport = page.getViewport({ scale: width / size.width })
    const canvas = document.createElement('canvas')
    canvas.width = Math.ceil(viewport.width)
    canvas.height = Math.ceil(viewport.height)
    signal.throwIfAborted()
    const task = page.render({ canvas, viewport, background: '#ffffff' })
    const cancel = () => task.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      await task.promise
      return canvas
    } catch (error) {
      release(canvas)
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  /** The words of a page, for screen readers. */
  async text(number: number): Promise<string> {
    const items = await itemsOf(await this.document.getPage(number))
    return items.map((item) => item.str).join(' ').replace(/\s+/g, ' ')
  }

  /** The largest line of the first page: the title. */
  async title(): Promise<Spot | null> {
    const page = await this.document.getPage(1)
    const items = (await itemsOf(page)).filter((item) => item.str.trim().length > 1)
    const largest = items.reduce<TextItem | null>((best, item) => (!best || item.height > best.height ? item : best), null)
    return largest ? this.spotOf(page, largest) : null
  }

  /** Where these words are printed largest, on the first pages. */
  async find(words: string): Promise<Spot | null> {
    const wanted = squeeze(words)
    let best: { page: PDFPageProxy; item: TextItem } | null = null
    for (let number = 1; wanted && number <= Math.min(3, this.pages.length); number += 1) {
      const page = await this.document.getPage(number)
      const owners: TextItem[] = []
      let text = ''
      for (const item of await itemsOf(page)) {
        const part = squeeze(item.str)
        text += part
        for (let index = 0; index < part.length; index += 1) owners.push(item)
      }
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
        const item = owners[at + Math.floor(wanted.length / 2)]
        if (item && (!best || item.height > best.item.height)) best = { page, item }
      }
    }
    return best ? this.spotOf(best.page, best.item) : null
  }

  close(): void {
    void this.document.loadingTask.destroy()
  }

  private spotOf(page: PDFPageProxy, item: TextItem): Spot {
    const size = this.pages[page.pageNumber - 1] as PageSize
    const [, , , , x = 0, y = 0] = item.transform
    const [px, py] = page.getViewport({ scale: 1 }).convertToViewportPoint(x + item.width / 2, y + item.height / 2) as [number, number]
    return { page: page.pageNumber, x: px / size.width, y: py / size.height }
  }
}

const squeeze = (text: string): string => text.replace(/\s/g, '')

async function itemsOf(page: PDFPageProxy): Promise<TextItem[]> {
  const content = await page.getTextContent()
  return content.items.filter((item): item is typeof item & TextItem => 'str' in item)
}

/** Give the memory of a canvas back at once: phones have little of it. */
export function release(canvas: HTMLCanvasElement): void {
  canvas.width = 0
  canvas.height = 0
}

export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
