/** Which part of a prompt's text has been said, is being said, and is to come. */

export interface Split {
  said: string
  now: string
  rest: string
}

/** `marks` are (character index, ms after the start); before the first mark nothing is lit. */
export function splitAt(text: string, marks: readonly (readonly [number, number])[], elapsedMs: number | null): Split {
  if (elapsedMs === null) return { said: '', now: '', rest: text }
  let current = -1
  for (let index = 0; index < marks.length; index += 1) {
    if ((marks[index]?.[1] ?? Infinity) <= elapsedMs) current = index
    else break
  }
  if (current < 0) return { said: '', now: '', rest: text }
  const start = marks[current]?.[0] ?? 0
  const end = marks[current + 1]?.[0] ?? text.length
  return { said: text.slice(0, start), now: text.slice(start, end), rest: text.slice(end) }
}
