/** The web entry's state: which page is shown, with what. Passwords and numbers live only while the page is open. */
import { toProblem } from '@dr/api'
import { problemText } from '@dr/locale'
import { ref, shallowRef } from 'vue'
import * as api from './api'

export type Page = 'loading' | 'broken' | 'sign-in' | 'bind' | 'code' | 'password' | 'policies' | 'phone-only'

const TICKET = 'dr.entry'

export function useEntry() {
  const page = ref<Page>('loading')
  const state = shallowRef<api.EntryState | null>(null)
  const policies = shallowRef<api.EntryPolicies | null>(null)
  const isKnown = ref(false)
  const isBusy = ref(false)
  const problem = ref('')
  const certNo = ref('')
  const phone = ref('')
  const code = ref('')
  const resendAt = ref(0)
  const isReset = ref(false)
  let bindTicket = ''
  let ticket = sessionStorage.getItem(TICKET) ?? ''

  function show(next: Page): void {
    problem.value = ''
    page.value = next
    window.scrollTo({ top: 0 })
  }

  async function run(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      const found = toProblem(error)
      if (found.code.startsWith('TICKET')) signOut()
      problem.value = problemText(found)
    } finally {
      isBusy.value = false
    }
  }

  const load = () =>
    run(async () => {
      try {
        state.value = await api.showState()
      } catch (error) {
        page.value = 'broken'
        throw error
      }
      isKnown.value = state.value.is_known
      if (!state.value.is_offered) return show('phone-only')
      if (ticket) return list()
      show('sign-in')
    })

  async function list(): Promise<void> {
    policies.value = await api.listPolicies(ticket)
    show('policies')
  }

  async function opened(found: { ticket: string }): Promise<void> {
    ticket = found.ticket
    sessionStorage.setItem(TICKET, ticket)
    isKnown.value = true
    await list()
  }

  const signIn = (password: string) => run(async () => opened(await api.signIn(password, isKnown.value ? null : certNo.value.trim())))

  const sendCode = () =>
    run(async () => {
      const sent = await api.sendCode(certNo.value.trim(), phone.value.trim())
      resendAt.value = Date.now() + sent.resend_after_s * 1000
      code.value = ''
      show('code')
    })

  const checkCode = () =>
    run(async () => {
      try {
        const found = await api.checkCode(certNo.value.trim(), phone.value.trim(), code.value)
        bindTicket = found.ticket
        isReset.value = found.is_bound
        show('password')
      } finally {
        code.value = ''
      }
    })

  const setPassword = (password: string) => run(async () => opened(await api.bind(bindTicket, password)))

  const openPolicy = (id: string, go: (ticket: string) => void) => run(async () => go((await api.openPolicy(ticket, id)).ticket))

  function signOut(): void {
    ticket = ''
    sessionStorage.removeItem(TICKET)
    policies.value = null
    show('sign-in')
  }

  const notMe = () =>
    run(async () => {
      await api.forget()
      isKnown.value = false
      signOut()
    })

  return {
    page, state, policies, isKnown, isBusy, problem, certNo, phone, code, resendAt, isReset,
    show, load, signIn, sendCode, checkCode, setPassword, openPolicy, signOut, notMe,
  }
}

export type Entry = ReturnType<typeof useEntry>
