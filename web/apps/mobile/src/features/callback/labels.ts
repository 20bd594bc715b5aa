/** The five steps by name. */
import { useI18n } from 'vue-i18n'

export function useLabels(): string[] {
  const { t } = useI18n()
  return ['identity', 'policy', 'notice', 'questions', 'signature'].map((name) => t(`callback.steps.${name}`))
}
