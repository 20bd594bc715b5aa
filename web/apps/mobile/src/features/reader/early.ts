/**
 * The reader as a part of the room that comes later. It is fetched when the room is entered, so that a document opens at once on a slow
 * line, and an upgrade of the service in the middle of a recording takes nothing away from the page that is open.
 */
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import { defineAsyncComponent, type Component } from 'vue'
import ReaderMissing from './ReaderMissing.vue'

const TRIES = 4

export const loadReader = () => import('./ReaderPage.vue')

/** The reader; when it cannot be had after several tries, a page that says what to do. */
export function laterReader<T extends Component>(loader: () => Promise<{ default: T }>, wait_ms = 1000): T {
  return defineAsyncComponent<T>({
    loader,
    delay: 0,
    errorComponent: ReaderMissing,
    onError: (_error, retry, fail, attempts) => (attempts < TRIES ? void window.setTimeout(retry, wait_ms * attempts) : fail()),
  })
}

/** Fetch what the reader needs into the browser's own cache. Failing is no matter: it is fetched again when it is needed. */
export function fetchReader(): void {
  void loadReader().catch(() => undefined)
  void fetch(workerUrl).catch(() => undefined)
}
