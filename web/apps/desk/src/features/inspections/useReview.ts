/** Everything a review needs: the inspection, the recording and its long lists, and the commands of the verdict bar. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { useAction } from '../../shared/useAction'
import { useLoad } from '../../shared/useLoad'
import * as calls from './api'
import type { Inspection, NodeDecision } from './api'
import type { Played } from './played'

const TOUCHES = ['pointerdown', 'keydown', 'wheel'] as const
/** With less than this left the lock is taken again; without a touch for so long it is not. */
const EXTEND_MS = 10 * 60_000
const IDLE_MS = 5 * 60_000

export function useReview(inspectionId: string) {
  const inspection = shallowRef<Inspection | null>(null)
  const now = ref(Date.now())
  let touched = Date.now()
  const touch = () => (touched = Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
    void keep()
  }, 15_000)
  for (const name of TOUCHES) window.addEventListener(name, touch, { passive: true })
  onScopeDispose(() => {
    clearInterval(timer)
    for (const name of TOUCHES) window.removeEventListener(name, touch)
  })

  /** While somebody works here, or the film plays, the lock does not run out. A lock that is gone shows at the next decision. */
  async function keep(): Promise<void> {
    const held = inspection.value?.lock
    if (!held?.is_mine || Date.parse(held.until) - now.value > EXTEND_MS || now.value - touched > IDLE_MS) return
    const found = await calls.lock(inspectionId).catch(() => null)
    if (found && inspection.value?.state === 'queued') inspection.value = found
  }

  const main = useLoad(async (signal) => {
    const found = await calls.fetchInspection(inspectionId, signal)
    inspection.value = found
    const id = found.recording_id
    const [recording, timeline, checks, answers, ledger, transcript, others] = await Promise.all([
      calls.fetchRecording(id, signal), calls.fetchTimeline(id, signal), calls.fetchChecks(id, signal),
      calls.fetchAnswers(id, signal), calls.fetchLedger(id, signal), calls.fetchTranscript(id, signal),
      calls.fetchOthers(found, signal),
    ])
    return { recording, timeline, checks, answers, ledger, transcript, others }
  })

  const people = computed(() => {
    const names = new Map<string, string>([['prompt', '系统播报']])
    for (const seat of main.data.value?.recording.seats ?? []) names.set(seat.seat_id, `${seat.label} ${seat.display_name}`)
    return names
  })
  const verdicts = computed(() => new Map(inspection.value?.nodes.map((node) => [node.node_id, node]) ?? []))
  const isMine = computed(() => inspection.value?.lock?.is_mine === true)
  const can = (action: Inspection['allowed_actions'][number]) => inspection.value?.allowed_actions.includes(action) === true

  /** Tell the server what was played while the review is mine; what cannot be told now is told the next time. */
  async function tellPlayed(played: Played): Promise<void> {
    if (!isMine.value) return
    const spans = played.take()
    if (!spans.length) return
    const watch = await calls.reportPlayed(inspectionId, spans).catch(() => null)
    if (!watch) played.putBack(spans)
    else if (inspection.value) inspection.value = { ...inspection.value, watch }
  }

  const act = useAction(async (work: () => Promise<Inspection>) => {
    inspection.value = await work()
    return inspection.value
  })

  return {
    main, inspection, people, verdicts, isMine, can, now, touch, tellPlayed, isBusy: act.isBusy,
    lock: () => act.run(() => calls.lock(inspectionId)),
    release: () => act.run(() => calls.release(inspectionId)),
    decideNode: (body: NodeDecision) => act.run(() => calls.decideNode(inspectionId, body)),
    pass: (body: Parameters<typeof calls.pass>[1]) => act.run(() => calls.pass(inspectionId, body)),
    reject: (body: Parameters<typeof calls.reject>[1]) => act.run(() => calls.reject(inspectionId, body)),
    decideAppeal: (body: Parameters<typeof calls.decideAppeal>[1]) => act.run(() => calls.decideAppeal(inspectionId, body)),
  }
}

export type Review = ReturnType<typeof useReview>
