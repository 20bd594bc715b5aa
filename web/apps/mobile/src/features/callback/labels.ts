/** Words of the callback's pages: numbers that stay whole, and the bar above: how many steps there are, by name, and which one it is. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Visit } from './visit'

/** Numbers and times with dashes, kept on one line: 400-000-0000, 09:00–17:30. */
export const unbroken = (text: string): string => text.replace(/(\d)([-–])(?=\d)/g, '$1\u2060$2\u2060')

export function useSteps(visit: Visit) {
  const { t } = useI18n()
  return computed(() => ({ step: visit.step.value, steps: visit.steps.value.length, labels: visit.steps.value.map((name) => t(`callback.steps.${name}`)) }))
}
