/** What the check of rules says, in the words of who has to mend it. What is not known here is shown as it came. */
const PATTERNS: [RegExp, string][] = [
  [/^must be a whole number$/, '请填写整数。'],
  [/^must be true or false$/, '请选择是或否。'],
  [/^must be text$/, '请填写文字。'],
  [/^must be a list$/, '请填写列表。'],
  [/^must be a mapping$/, '格式不正确，应为一组名称和值。'],
  [/^must be one of (.+)$/, '只能是以下之一：$1。'],
  [/^is not known$/, '没有这个项目，请删除。'],
  [/^must not be negative$/, '不能是负数。'],
  [/^(must be positive|workdays must be positive)$/, '必须大于 0。'],
  [/^must be (\d+) to (\d+)$/, '请填写 $1 到 $2 之间的数。'],
  [/^must not be empty$/, '请填写内容。'],
  [/^must name `other`$/, '必须写明“其他”的值。'],
  [/^is missing$/, '请填写这一项。'],
  [/^must open before it closes$/, '开始时间要早于结束时间。'],
  [/^must be longer than the window$/, '要比电子回访有效期长。'],
  [/^must name each channel once$/, '每个渠道只能写一次，至少写一个。'],
  [/^must contain the phone/, '必须包含电话：其他渠道都要靠电话兜底。'],
  [/^must not lie in the past$/, '生效日期不能早于今天。'],
  [/^unknown merge field (.+)$/, '没有这个合并项：$1。'],
  [/^unknown condition (.+)$/, '没有这个条件：$1。'],
  [/^the policy has no (.+)$/, '示例保单没有 $1，请给这道题加上条件。'],
  [/^must be yes or no$/, '正常回答只能是“是”或“否”。'],
  [/^needs at least one question/, '至少要有一道题，题号不能重复。'],
  [/^Invalid isoformat string|^time data/, '日期或时间的格式不正确。'],
]

export function whyText(why: string): string {
  for (const [pattern, text] of PATTERNS) {
    const found = pattern.exec(why)
    if (found) return text.replace('$1', found[1] ?? '').replace('$2', found[2] ?? '')
  }
  return why
}
