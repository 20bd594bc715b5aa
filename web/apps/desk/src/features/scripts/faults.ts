/** What is wrong with a script, in words: which node, which part, what to do. */
import type { ScriptContent } from './content'

type Say = (key: string, params?: Record<string, unknown>) => string

interface Fault {
  path?: string
  code?: string
  detail?: string
}

/** One sentence for each fault of the server's list (`nodes.3.prompt.0` and a code). */
export function faultsOf(list: unknown, content: ScriptContent | null, say: Say, knows: (key: string) => boolean): string[] {
  if (!Array.isArray(list)) return []
  return (list as Fault[]).map((fault) => {
    const [root, index, part] = (fault.path ?? '').split('.')
    const number = Number(index)
    const node = root === 'nodes' && Number.isInteger(number) ? content?.nodes[number] : undefined
    const code = fault.code ?? ''
    const what = say(knows(`code.${code}`) ? `code.${code}` : 'code.other', { detail: fault.detail ?? '', code })
    if (!node) return say('whole', { what })
    const place = part && knows(`part.${part}`) ? say(`part.${part}`) : say('part.other')
    return say('node', { number: number + 1, title: node.title.trim() || say('untitled'), place, what })
  })
}
