export default {
  shared: {
    product: '远程双录',
    back: '返回',
    care_on: '大字版',
    care_off: '标准版',
    step: '第 {step} 步，共 {steps} 步',
    retry: '重试',
    not_found: '没有找到这个页面',
    not_found_text: '链接可能不完整。请重新打开短信里的链接，或者直接输入会议码。',
    enter_code: '输入会议码',
    loading: '正在加载…',
    role: { agent: '业务员', policyholder: '投保人', insured: '被保险人', guardian: '监护人' },
  },
}

export const problems: Record<string, string> = {
  LINK_INVALID: '这个链接不完整或已经作废。请重新点最新一条短信里的链接，或请业务员重新发送。',
  LINK_EXPIRED: '这个链接已经过期，请业务员重新发送。',
  TICKET_INVALID: '您的登录已经失效。请重新点最新一条短信里的链接。',
  TICKET_EXPIRED: '离开时间太长了，需要重新确认是您本人。请按页面提示重新开始，或重新点最新一条短信里的链接。',
  SIGNATURE_EMPTY: '签名太短了，请工整地写下您的姓名。',
}
