/** Simplified Chinese for both apps: one i18n instance made of the feature files, and texts for problems. */
import { createI18n } from 'vue-i18n'
import { type ProblemText, problems } from './problems.zh-CN'

export { type ProblemText, problems }

type Messages = Record<string, unknown>

/** Merge `locale.zh-CN.ts` modules (each exports `default { <feature>: {...} }`, and may export `problems`). */
export function collectMessages(modules: Record<string, unknown>): Messages {
  const merged: Messages = {}
  for (const module of Object.values(modules)) {
    const exported = module as { default?: Messages; problems?: Record<string, ProblemText> }
    Object.assign(merged, exported.default)
    Object.assign(problems, exported.problems)
  }
  return merged
}

/** The i18n plugin with zh-CN alone; other languages are added beside it. */
export function createLocale(messages: Messages) {
  return createI18n({
    legacy: false,
    locale: 'zh-CN',
    fallbackLocale: 'zh-CN',
    missingWarn: false,
    fallbackWarn: false,
    messages: { 'zh-CN': messages as never },
  })
}

interface ProblemLike {
  code: string
  params?: Record<string, unknown>
}

/** A problem in plain words. A code without a text still says what can be done. */
export function problemText(problem: ProblemLike): string {
  const template = problems[problem.code]
  if (!template) {
    console.warn('no text for problem', problem.code)
    return '操作没有成功。请刷新页面后重试；如仍出现，请联系管理员。'
  }
  return typeof template === 'string' ? fill(template, problem.params ?? {}) : template(problem.params ?? {})
}

/** Fill `{name}`; a missing value leaves the sentence readable. */
export function fill(template: string, values: Record<string, unknown>): string {
  return template.replace(/{(\w+)}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined || value === null) return '…'
    return Array.isArray(value) ? value.join('、') : String(value)
  })
}
