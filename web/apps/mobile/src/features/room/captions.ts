/** Cuts a prompt into what the eye takes in at once. */
export interface Sentence {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Sentences with their place in the text; long ones are cut at commas. Nothing is lost or added. */
export function sentences(text: string, longest = 36): Sentence[] {
  const parts: Sentence[] = []
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    const size = index + 1 - start
    const isEnd = /[。！？!?；;\n]/.test(text[index] ?? '') || (size >= longest / 2 && /[，,：:、]/.test(text[index] ?? '') && text.length - index > 4)
    if (!isEnd && index < text.length - 1) continue
    parts.push({ text: text.slice(start, index + 1), start, end: index + 1 })
    start = index + 1
  }
  return parts
}
