/** Where this person is on the way in. Kept in the tab, so that a reload comes back to the same step and, later, to the same seat. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { suggestCare } from '../../shared/care'
import type { JoinInfo, JoinVerified, SeatTicket } from './api'

const KEY = 'dr.join'

interface Saved {
  code: string
  info: JoinInfo | null
  verified: JoinVerified | null
  seat: SeatTicket | null
  hasConsented: boolean
}

const EMPTY: Saved = { code: '', info: null, verified: null, seat: null, hasConsented: false }

export const useJoin = defineStore('join', () => {
  const saved = ref<Saved>(load())

  watch(
    saved,
    (value) => {
      suggestCare(value.seat?.care_mode ?? false)
      try {
        sessionStorage.setItem(KEY, JSON.stringify(value))
      } catch {
        // storage is full or forbidden: the way in still works, a reload begins anew
      }
    },
    { deep: true },
  )
  suggestCare(saved.value.seat?.care_mode ?? false)

  /** A code was looked up: whatever was known of another session is forgotten. */
  function begin(code: string, info: JoinInfo): void {
    saved.value = { ...EMPTY, code, info }
  }

  /** Forget everything, after the end. */
  function forget(): void {
    saved.value = { ...EMPTY }
  }

  /** Where the person goes on. */
  function nextPath(): string {
    const { info, verified, seat, hasConsented } = saved.value
    if (seat && hasConsented) return '/devices'
    if (seat) return '/consents'
    if (verified) return '/roles'
    return info ? '/phone' : '/'
  }

  return { saved, begin, forget, nextPath }
})

function load(): Saved {
  try {
    const text = sessionStorage.getItem(KEY)
    return text ? { ...EMPTY, ...(JSON.parse(text) as Partial<Saved>) } : { ...EMPTY }
  } catch {
    return { ...EMPTY }
  }
}
