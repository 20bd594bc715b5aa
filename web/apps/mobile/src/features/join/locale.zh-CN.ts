import type { ProblemText } from '@dr/locale'

export default {
  join: {
    code_title: '请输入会议码',
    code_lead: '会议码在发给您的短信里，一共 6 位数字。',
    code_label: '会议码，6 位数字',
    code_help_title: '没有收到短信？',
    code_help: '请联系您的业务员，让对方核对您的手机号，并重新发送会议码；也可以请业务员在电话里念给您听。',
    next: '下一步',
    checking: '正在核对…',
    sending: '正在提交…',
    insurer: '保险公司',
    product: '保险产品',
    agent: '业务员',
    phone_title: '先确认是您本人',
    phone_lead: '请输入您投保时登记的手机号的后 4 位，我们会给这个手机号发送验证码。',
    phone_label: '手机号后四位',
    send: '获取验证码',
    sms_title: '请输入短信验证码',
    sms_lead: '验证码已发往尾号 {last4} 的手机，一共 6 位数字。如果这个号码没有登记在本次投保中，将不会收到短信。',
    sms_label: '短信验证码，6 位数字',
    resend: '重新发送',
    resend_wait: '{wait} 秒后可重新发送',
    other_phone: '换一个尾号',
    verify: '确认',
    roles_title: '请选择您的身份',
    roles_lead: '如果您同时有几个身份，请都选上。',
    roles_confirm: '确认身份',
    roles_done: '您已经选好身份，也已经同意了录制等事项，不用再选。请点下面的“继续”。',
    roles_go_on: '继续',
    roles_none: '这里没有您可以选择的身份。请联系您的业务员核对。',
    role_taken: '已有人以这个身份加入',
    role_foreign: '这是其他人的身份',
    consents_title: '请您确认同意',
    consents_lead: '请逐项阅读。您可以不同意，这是您的权利。',
    i_agree: '我已阅读并同意',
    optional: '可以不选',
    consents_left: '还有 {count} 项需要您确认',
    consents_agree: '同意并继续',
    consents_refuse: '不同意',
    refuse_title: '确定不同意吗？',
    refuse_text: '不同意的话，本次双录会立即结束，这份保险暂时不能继续投保。您的个人信息不会用于录制。您可以随时联系业务员重新开始。',
    refuse_sure: '确定不同意',
    refuse_back: '再看一看',
    declined_title: '已按您的意愿结束',
    declined_text: '您没有同意录音录像，本次双录已经结束，没有进行录制，这份保险不会继续投保。如果您改变了主意，请联系业务员重新发起。',
    over_title: '本次双录已经结束',
    over_text: '这次双录已经结束，不能再加入。如有疑问，请联系您的业务员。',
    may_close: '您可以关闭这个页面了。',
  },
}

/** Seconds as one says them. */
function waitText(seconds: unknown): string {
  const left = Math.max(1, Math.ceil(Number(seconds) || 60))
  return left > 90 ? `${Math.ceil(left / 60)} 分钟` : `${left} 秒`
}

export const problems: Record<string, ProblemText> = {
  JOIN_CODE_WRONG: '没有这个会议码。请对照短信再输入一次。',
  JOIN_CODE_EXPIRED: '这个会议码已经过期。请联系业务员重新发送。',
  JOIN_CODE_USED_UP: '这个会议码已经失效：双录已经结束，或业务员发了新的会议码。请查看最新的短信，或联系业务员。',
  JOIN_CODE_LOCKED: '这个会议码输错的次数太多，为了安全已经停用，等多久都不能再用了。请给业务员打电话，让对方发一个新的会议码，收到新短信后再进入。',
  JOIN_ATTEMPTS_LIMITED: (params) => `输错的次数太多了，为了安全，请等 ${waitText(params.retry_after_s)}后再试。`,
  JOIN_SMS_CODE_WRONG: '验证码不对。请对照最新的一条短信再输入一次，这个验证码还可以试 {attempts_left} 次。',
  JOIN_SMS_CODE_USED_UP: '这个验证码已经输错太多次，不能再用了。请点“重新发送”，收到新的验证码后再输入。',
  JOIN_SMS_CODE_EXPIRED: '这个验证码已经用过或者过期了。请点“重新发送”，收到新的验证码后再输入。',
  ROLE_TAKEN: '这个身份刚刚被别人选走了。如果不对，请告诉业务员。',
  ROLE_FOREIGN: '这个身份不是您的，请选择您自己的身份。',
  ROLE_NOT_IN_CASE: '这次投保里没有这个身份，请联系业务员核对。',
  SESSION_OVER: '本次双录已经结束。',
}
