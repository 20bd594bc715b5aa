/** What the machine heard, in the words its verdict rests on. */
export interface HeardAnswer {
  readonly verdict: string
  readonly text?: string | null
  readonly phrase?: string | null
}

const plain = (text: string) => text.replace(/[\s，。！？、,.!?;；：:"'“”‘’…]/g, '')
const DECIDED = new Set(['affirmative', 'negative'])

/**
 * The verdict rests on the phrase of the closed-answer scorer; the transcript comes from another engine, which may drop a 不.
 * A transcript without that phrase would contradict the verdict beside it: then the phrase is shown.
 */
export function heardOf({ verdict, text, phrase }: HeardAnswer): string {
  if (!text || !phrase || !DECIDED.has(verdict)) return text || phrase || ''
  return plain(text).includes(plain(phrase)) ? text : phrase
}
