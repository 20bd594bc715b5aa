/** One visit of a customer: which page is shown, with what. The server decides every step; nothing is kept across a reload. */
import { type ApiProblem, toProblem } from '@dr/api'
import { problemText } from '@dr/locale'
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { suggestCare } from '../../shared/care'
import type { Stroke } from '../reader/signature'
import * as api from './api'
import { isDeadLink, isFromEntry, keyInAddress, openDoor } from './door'
import { methodOf, type Page, stepOf } from './way'

/** Set while answers would be lost; found after a reload, it says why one has to begin again. */
const INSIDE = 'dr.callback.inside'
const DEAD = 'dr.callback.dead'
/** Refusals after which only the first page helps. */
const BEGIN_AGAIN = ['IDENTITY_REQUIRED', 'TICKET_EXPIRED', 'NOTICE_NOT_CONFIRMED']

export function useVisit() {
  const { t } = useI18n()
  const page = ref<Page>('loading')
  const problem = ref('')
  const isBusy = ref(false)
  const entry = shallowRef<api.CallbackEntry | null>(null)
  const policies = shallowRef<api.WaitingPolicy[]>([])
  const notice = shallowRef<api.NoticeView | null>(null)
  const questions = shallowRef<api.QuestionnaireView | null>(null)
  const confirmation = shallowRef<api.ConfirmView | null>(null)
  const result = shallowRef<api.ResultView | null>(null)
  const answers = ref<Record<string, api.Answer>>({})
  const remark = ref('')
  /** When submitting becomes possible, on this page's own clock; the server has the last word. */
  const readyAt = ref(0)
  /** The key of a link that no longer opens anything: a fresh one can be asked for. */
  const deadKey = ref('')
  const renewedTo = ref('')
  const isOffline = ref(false)
  /** Whether trying once more could help: not with a link that is refused for good. */
  const canRetry = ref(true)
  let linkTicket = ''
  let ticket = ''
  const isInside = () => ticket !== ''
  const steps = computed(() => (isInside() ? notice.value?.steps : undefined) ?? entry.value?.steps ?? [])
  const step = computed(() => stepOf(page.value, steps.value))
  /** Whether going away now would lose something. */
  const isAtWork = computed(() => ['notice', 'questions', 'confirm'].includes(page.value))

  function show(next: Page): void {
    problem.value = ''
    page.value = next
    if (isAtWork.value) sessionStorage.setItem(INSIDE, '1')
    else sessionStorage.removeItem(INSIDE)
    window.scrollTo({ top: 0 })
  }

  async function run(work: () => Promise<void>, onProblem?: (found: ApiProblem) => boolean): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      const found = toProblem(error)
      if (BEGIN_AGAIN.includes(found.code)) await backToEntry(problemText(found))
      else if (found.code === 'CALLBACK_FINISHED' && isAtWork.value) await showWaiting(problemText(found))
      else if (!onProblem?.(found)) problem.value = problemText(found)
    } finally {
      isBusy.value = false
    }
  }

  async function load(): Promise<void> {
    isBusy.value = true
    const key = keyInAddress() || (sessionStorage.getItem(DEAD) ?? '')
    const wasInside = sessionStorage.getItem(INSIDE) !== null
    deadKey.value = ''
    try {
      linkTicket = await openDoor()
      entry.value = await api.showEntry(linkTicket)
      suggestCare(entry.value.is_elderly)
      show('entry')
      sessionStorage.removeItem(DEAD)
      if (wasInside && !entry.value.blocked) problem.value = t('callback.began_again')
    } catch (error) {
      show('broken')
      if (key && isDeadLink(error)) {
        deadKey.value = key
        sessionStorage.setItem(DEAD, key) // the address no longer has it after a reload
      }
      isOffline.value = toProblem(error).code === 'OFFLINE'
      problem.value = deadKey.value ? t('callback.dead_link') : problemText(toProblem(error))
    } finally {
      isBusy.value = false
    }
  }

  async function backToEntry(text = ''): Promise<void> {
    ticket = ''
    answers.value = {}
    remark.value = ''
    try {
      linkTicket = await openDoor()
      entry.value = await api.showEntry(linkTicket)
      show('entry')
    } catch (error) {
      show('broken')
      text = problemText(toProblem(error))
    }
    problem.value = page.value === 'entry' && entry.value?.blocked ? '' : text // the card says why, and whom to call
  }

  /** The policy ended meanwhile, or the answer to its last step was lost on the way: said beside those that wait. */
  async function showWaiting(text: string): Promise<void> {
    try {
      policies.value = (await api.listPolicies(ticket)).items
      show('policies')
    } catch {
      // said where the customer is
    }
    problem.value = text
  }

  /** On to the identity check, past the notice where it comes first. */
  const begin = () =>
    run(async () => {
      const found = entry.value
      if (!found) return
      if (found.notice) await api.tickEntryNotice(linkTicket)
      show(methodOf(found))
    })

  /** What an identity check brought; a refusal in words is the caller's. */
  async function identified(found: api.IdentityResult): Promise<void> {
    if (entry.value) entry.value = { ...entry.value, tries_left: found.tries_left }
    if (found.result === 'locked') return backToEntry()
    if (found.result !== 'passed' || !found.ticket) return
    ticket = found.ticket
    policies.value = (await api.listPolicies(ticket)).items
    const open = policies.value.filter((policy) => !policy.blocked)
    if (open.length === 1 && open[0]) await openPolicy(open[0].callback_id)
    else show('policies')
  }

  const renew = () =>
    run(async () => {
      const key = deadKey.value
      try {
        renewedTo.value = (await api.renewLink(key)).phone_masked
      } catch (error) {
        canRetry.value = toProblem(error).code === 'OFFLINE'
        if (!canRetry.value) deadKey.value = '' // asking again would be refused again
        throw error
      }
    })

  const newChallenge = (kind: api.ChallengeKind) => api.newChallenge(linkTicket, kind)
  const proveByFace = (challengeId: string, video: Blob) => api.checkFace(linkTicket, challengeId, video)
  const requestCode = () => api.sendCode(linkTicket)
  const proveByCode = (code: string) => api.checkCode(linkTicket, code)

  async function openPolicy(id: string): Promise<void> {
    notice.value = await api.begin(ticket, id)
    answers.value = {}
    remark.value = ''
    confirmation.value = result.value = null
    if (notice.value.requires_tick) show('notice')
    else ask(await api.tickNotice(ticket, id))
  }

  function ask(view: api.QuestionnaireView): void {
    questions.value = view
    readyAt.value = performance.now() + view.seconds_left * 1000
    show('questions')
  }

  const startQuestions = () => run(async () => ask(await api.tickNotice(ticket, notice.value?.callback_id ?? '')))

  const submit = () =>
    run(
      async () => {
        const done = await api.submit(ticket, questions.value?.callback_id ?? '', answers.value, remark.value)
        confirmation.value = done.confirm
        result.value = done.result
        show(done.confirm ? 'confirm' : 'result')
      },
      (found) => {
        if (found.code === 'ANSWERED_TOO_FAST') readyAt.value = performance.now() + Number(found.params.seconds_left ?? 1) * 1000
        return false
      },
    )

  const edit = () => run(async () => ask(await api.edit(ticket, confirmation.value?.callback_id ?? '')))

  const sign = (strokes: Stroke[], done: () => void) =>
    run(async () => {
      await api.sign(ticket, confirmation.value?.callback_id ?? '', strokes)
      if (confirmation.value) confirmation.value = { ...confirmation.value, is_signed: true }
      done()
    })

  const confirm = () =>
    run(async () => {
      result.value = await api.confirm(ticket, confirmation.value?.callback_id ?? '')
      show('result')
    })

  const abort = () =>
    run(async () => {
      result.value = await api.abort(ticket, questions.value?.callback_id ?? '')
      show('result')
    })

  async function leave(): Promise<void> {
    if (ticket) await api.leave(ticket)
    await backToEntry()
  }

  /** The page goes away for good: tell the server, which drops the attempt. */
  function gone(event: PageTransitionEvent): void {
    if (!event.persisted && isInside() && page.value !== 'result') void api.leave(ticket)
  }

  return {
    page, step, steps, isAtWork, problem, isBusy, isOffline, canRetry, deadKey, renewedTo, isFromEntry, entry, policies, notice, questions, confirmation, result, answers, remark, readyAt,
    load, show, run, begin, identified, renew, newChallenge, proveByFace, requestCode, proveByCode, openPolicy: (id: string) => run(() => openPolicy(id)),
    startQuestions, submit, edit, sign, confirm, abort, leave, gone,
  }
}

export type Visit = ReturnType<typeof useVisit>
