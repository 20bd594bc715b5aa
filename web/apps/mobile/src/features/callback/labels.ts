/** The bar above the pages: how many steps there are, by name, and which one it is. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Visit } from './visit'

export function useSteps(visit: Visit) {
  const { t } = useI18n()
  return computed(() => ({ step: visit.step.value, steps: visit.steps.value.length, labels: visit.steps.value.map((name) => t(`callback.steps.${name}`)) }))
}
