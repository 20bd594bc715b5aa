/** Whether this device has any network at all, as far as its browser knows; calls back at once and on every change. */
export function watchNetwork(changed: (isUp: boolean) => void): () => void {
  const tell = (): void => changed(navigator.onLine)
  window.addEventListener('online', tell)
  window.addEventListener('offline', tell)
  tell()
  return () => {
    window.removeEventListener('online', tell)
    window.removeEventListener('offline', tell)
  }
}
