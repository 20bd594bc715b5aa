/** Everything the case's page shows, from the slices that own it. The case itself is needed; the rest may be missing. */
import { type Schema, toProblem } from '@dr/api'
import { computed, shallowRef } from 'vue'
import { useLoad } from '../../shared/useLoad'
import { fetchIdentity } from '../identity/api'
import { fetchCase, fetchRecording, fetchRecordings, fetchSession, fetchSessions } from './api'
import { fetchOutcomes, type Outcome } from './outcome'

export interface CaseBundle {
  view: Schema<'CaseView'>
  identity: Schema<'IdentityView'> | null
  sessions: Schema<'SessionSummary'>[]
  live: Schema<'SessionView'> | null
  recordings: Schema<'RecordingView'>[]
  outcome: Outcome
}

const AFTER_CALL = new Set(['finalising', 'pending_inspection', 'in_inspection', 'passed', 'rejected', 'supplementary', 'in_session'])

/** A part that may be absent or not for this person; anything else is a fault of the page. */
async function optional<T>(part: Promise<T>, absent: T): Promise<T> {
  try {
    return await part
  } catch (error) {
    const { status } = toProblem(error)
    if (status === 403 || status === 404 || status === 405) return absent
    throw error
  }
}

export function useCase(caseId: () => string) {
  const fresh = shallowRef<Schema<'JoinCodeView'> | null>(null)

  const load = useLoad<CaseBundle>(
    async (signal) => {
      const id = caseId()
      const view = await fetchCase(id, signal)
      const [identity, sessions, page] = await Promise.all([
        optional(fetchIdentity(id, signal), null),
        optional(fetchSessions(id, signal), []),
        AFTER_CALL.has(view.state) ? optional(fetchRecordings(id, signal), { items: [], next_cursor: null }) : { items: [], next_cursor: null },
      ])
      const open = sessions.find((session) => session.phase === 'lobby' || session.phase === 'recording')
      const [session, recordings, outcome] = await Promise.all([
        open ? optional(fetchSession(open.session_id, signal), null) : null,
        Promise.all(page.items.map((item) => optional(fetchRecording(item.id, signal), null))),
        fetchOutcomes(view, (part, absent) => optional(part, absent), signal),
      ])
      return { view, identity, sessions, live: session, recordings: recordings.filter((recording) => recording !== null), outcome }
    },
    { everyMs: 6000 },
  )

  const bundle = load.data
  const view = computed(() => bundle.value?.view ?? null)
  return { ...load, bundle, view, fresh }
}
