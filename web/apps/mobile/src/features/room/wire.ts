/** Wire types of the live session as the phone reads them. */
import type { Schema } from '@dr/api'

export type SessionView = Schema<'SessionView'>
export type PersonInView = Schema<'PersonInView'>
export type AnswerCard = Schema<'AnswerCard'>
export type LedgerLine = Schema<'LedgerLine'>
export type DocumentInView = Schema<'DocumentInView'>
export type Reason = Schema<'Reason'>

/** The action of this name, when it is this person's at all. */
export function actionIn(view: SessionView | null, name: string): Schema<'AllowedAction'> | undefined {
  return view?.allowed_actions.find((item) => item.action === name)
}

export function canDo(view: SessionView | null, name: string): boolean {
  return actionIn(view, name)?.enabled ?? false
}
