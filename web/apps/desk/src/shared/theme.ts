/** Light or dark; follows the system until somebody chooses. */
import { ref } from 'vue'

const KEY = 'desk.theme'
const system = () => (window.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')

export const theme = ref<'light' | 'dark'>('light')

export function applyTheme(choice?: 'light' | 'dark'): void {
  if (choice) localStorage.setItem(KEY, choice)
  const stored = localStorage.getItem(KEY)
  theme.value = stored === 'dark' || stored === 'light' ? stored : system()
  document.documentElement.classList.toggle('dark', theme.value === 'dark')
}
