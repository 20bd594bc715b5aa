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
  [/^must be longer than the answering time/, '要比答卷最少时间长，否则客户来不及提交。'],
  [/^must be longer than the window$/, '要比电子回访有效期长。'],
  [/^must name each channel once$/, '每个渠道只能写一次，至少写一个。'],
  [/^must contain the phone/, '必须包含电话：其他渠道都要靠电话兜底。'],
  [/^must last as long as the window: at least (\d+)$/, '短信链接的有效天数要盖住整个电子回访有效期，至少 $1 天。'],
  [/^needs a notice$/, '先要有须知，才能先勾选须知再核验身份。'],
  [/^must be none: /, '没有电子回访渠道，短信只能选“无”。'],
  [/^must name a challenge/, '至少要有一种防冒用动作，否则照片也能通过。'],
  [/^must be 1 to 20 letters/, '题号为 1 到 20 个字母、数字、横线或下划线。'],
  [/^a brace that belongs to no merge field$/, '有一个多余的大括号，合并项要写成 {名称}。'],
  [/^must be (S\d|[\w-]+)$/, '必须是 $1。'],
  [/^must not lie in the past$/, '生效日期不能早于今天。'],
  [/^unknown merge field (.+)$/, '没有这个合并项：$1。'],
  [/^unknown condition (.+)$/, '没有这个条件：$1。'],
  [/^the policy has no (.+)$/, '示例保单没有 $1，请给这道题加上条件。'],
  [/^must be yes or no$/, '正常回答只能是“是”或“否”。'],
  [/^needs at least one question/, '至少要有一道题，题号不能重复。'],
  [/^Invalid isoformat string|^time data/, '日期或时间的格式不正确。'],
]

/** Where a questionnaire's fault is: `questions[14].text` is the text of the 15th question. */
export function questionPlace(path: string): string {
  const found = /^questions\[(\d+)\](?:\.(\w+))?/.exec(path)
  const names: Record<string, string> = { id: '题号', text: '题目', expected: '正常回答', when: '什么情况下问', subject: '对应双录内容', simplifiable: '双录已覆盖时可以省略' }
  const tops: Record<string, string> = { questions: '题目', notice: '回访须知', title: '问卷名称', tick: '勾选的文字', thanks: '结束语', id: '编号' }
  if (!found) return tops[path] ?? path
  return `第 ${Number(found[1]) + 1} 题${found[2] ? `的“${names[found[2]] ?? found[2]}”` : ''}`
}

export function whyText(why: string): string {
  for (const [pattern, text] of PATTERNS) {
    const found = pattern.exec(why)
    if (found) return text.replace('$1', found[1] ?? '').replace('$2', found[2] ?? '')
  }
  return why
}
