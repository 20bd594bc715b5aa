/** A sentence that is up for a moment, for the eyes and for screen readers: Vant's toast alone is silent to them. */
import { showToast } from 'vant'

let region: HTMLElement | null = null

export function say(message: string, duration = 4000): void {
  if (!region?.isConnected) {
    region = document.body.appendChild(document.createElement('p'))
    region.className = 'dr-sr-only'
    region.setAttribute('role', 'alert')
  }
  const said = region
  said.textContent = message
  // Emptied afterwards, so that the same sentence is read out again when it is said again.
  showToast({ message, duration, position: 'top', onClose: () => (said.textContent = '') })
}
