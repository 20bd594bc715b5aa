/** Care mode: larger text and targets. On for customers of 60 and over (the server says who), or by the person's own switch. */
import { computed, ref, watchEffect } from 'vue'

const KEY = 'dr.care'
const chosen = ref<boolean | null>(read())
const suggested = ref(false)
const isCare = computed(() => chosen.value ?? suggested.value)

export function useCare() {
  watchEffect(() => document.documentElement.classList.toggle('care', isCare.value))
  return { isCare, toggleCare, suggestCare }
}

/** What the server proposes for this person. */
export function suggestCare(value: boolean): void {
  suggested.value = value
}

export function toggleCare(): void {
  chosen.value = !isCare.value
  try {
    localStorage.setItem(KEY, chosen.value ? '1' : '0')
  } catch {
    // private browsing: the choice lasts as long as the page
  }
}

function read(): boolean | null {
  try {
    const value = localStorage.getItem(KEY)
    return value === null ? null : value === '1'
  } catch {
    return null
  }
}
