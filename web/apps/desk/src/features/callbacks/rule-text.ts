/** A rule as people read it: what it is about, and its number for those who look it up. */
import { useI18n } from 'vue-i18n'

export function useRuleText() {
  const { t } = useI18n()
  return ({ rule, rule_name: name }: { rule: string; rule_name: string }) => (name ? t('callbacks.rule', { name, rule }) : t('callbacks.rule_plain', { rule }))
}
