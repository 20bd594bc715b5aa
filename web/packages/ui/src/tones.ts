/** The tones a state may have. Red (danger, recording) is kept for recording and danger. */
export type Tone = 'neutral' | 'brand' | 'info' | 'success' | 'warning' | 'danger' | 'recording'

/** Icons of state badges: drawn inline so that both apps share them without an icon font. */
export const ICON_PATHS = {
  dot: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z',
  ring: 'M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm0 1.6a2.9 2.9 0 1 0 0 5.8 2.9 2.9 0 0 0 0-5.8Z',
  check: 'M6.6 11.8 2.9 8.1l1.2-1.2 2.5 2.5 5.3-5.3 1.2 1.2-6.5 6.5Z',
  cross: 'm8 6.8 3.2-3.2 1.2 1.2L9.2 8l3.2 3.2-1.2 1.2L8 9.2l-3.2 3.2-1.2-1.2L6.8 8 3.6 4.8l1.2-1.2L8 6.8Z',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm.8 1.7v2.6l1.9 1.3-.8 1.2-2.5-1.7V5.2h1.4Z',
  alert: 'M8 1.8 15 14H1L8 1.8Zm-.8 4.4v3.9h1.6V6.2H7.2Zm0 4.9v1.5h1.6v-1.5H7.2Z',
  question: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm.7 6.6v1.4H7.3v-1.4h1.4ZM8 4.6c1.3 0 2.2.7 2.2 1.8 0 .9-.5 1.3-1 1.7-.4.3-.5.4-.5.8v.4H7.3v-.6c0-.9.5-1.3 1-1.7.4-.3.5-.4.5-.7 0-.3-.3-.5-.8-.5s-.9.3-1 .9l-1.3-.3c.2-1.1 1.1-1.8 2.3-1.8Z',
  play: 'M5 3.2 12.6 8 5 12.8V3.2Z',
  pause: 'M4.5 3.5h2.6v9H4.5v-9Zm4.4 0h2.6v9H8.9v-9Z',
  lock: 'M8 1.8a3 3 0 0 1 3 3v1.7h1.2V14H3.8V6.5H5V4.8a3 3 0 0 1 3-3Zm0 1.5c-.8 0-1.5.7-1.5 1.5v1.7h3V4.8c0-.8-.7-1.5-1.5-1.5Z',
  arrow: 'm8.6 3.4 4.6 4.6-4.6 4.6-1.1-1.1 2.7-2.7H2.8V7.2h7.4L7.5 4.5l1.1-1.1Z',
  refresh: 'M8 3a5 5 0 0 1 4 2V3.2h1.4v4.2H9.2V6h1.9A3.5 3.5 0 1 0 11.4 9l1.4.5A5 5 0 1 1 8 3Z',
} as const

export type IconName = keyof typeof ICON_PATHS
