import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { useOwnWarning } from '../src/features/room/own-warning'
import type { SessionView } from '../src/features/room/wire'

const seen = (...codes: string[]) =>
  ({ people: [{ is_me: false, alerts: [{ code: 'NO_SOUND' }] }, { is_me: true, media: { lapses: [] }, alerts: codes.map((code) => ({ code })) }] }) as unknown as SessionView

it('tells one thing that the person can mend, the most important first, and nothing of others', () => {
  const view = shallowRef<SessionView | null>(null)
  const warning = useOwnWarning({ view })
  expect(warning.value).toBeUndefined()
  view.value = seen()
  expect(warning.value).toBeUndefined()
  view.value = seen('DARK', 'FACE_LOST')
  expect(warning.value).toBe('face_lost')
  view.value = seen('SOMETHING_NEW')
  expect(warning.value).toBeUndefined()
})

it('says first that a device is gone: what the server hears and sees follows from it', () => {
  const view = shallowRef<SessionView | null>(null)
  const warning = useOwnWarning({ view })
  const without = (lapses: string[], ...codes: string[]) =>
    ({ people: [{ is_me: true, media: { lapses }, alerts: codes.map((code) => ({ code })) }] }) as unknown as SessionView
  view.value = without(['camera_muted'], 'NO_SOUND')
  expect(warning.value).toBe('camera_muted')
  view.value = without(['camera_muted', 'mic_muted'])
  expect(warning.value).toBe('mic_muted')
  view.value = without(['hidden'], 'DARK')
  expect(warning.value).toBe('dark')
})
