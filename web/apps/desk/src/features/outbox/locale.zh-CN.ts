export default {
  outbox: {
    title: '短信发件箱', lead: '系统发出的每一条短信。没有配置短信服务商时，短信只保存在这里，不会发出。', all: '全部', status: '状态', status_of: { queued: '待发送', sending: '发送中', sent: '已发送', failed: '失败', expired: '已过期' }, kept_here: '已记录，未外发',
    search: '模板名或完整手机号', none: '没有短信', none_text: '创建会话或发送验证码后，短信会出现在这里。', to: '收件人', text: '内容', masked: '验证码与链接已隐去', overdue: '应于 {at} 前发出，已超过时限', sent_late: '应于 {at} 前发出，发晚了', attempts: '次数', created: '时间', act: '操作', resend: '重新发送', resent: '已重新加入发送队列',
    template: { verification_code: '验证码', session_invitation: '会议邀请', identity_link: '影像采集链接', inspection_rejected: '质检驳回', inspection_passed: '质检通过', callback_invitation: '回访邀请', callback_reminder: '回访提醒', callback_reminder_late: '回访提醒（已转电话）', account_approved: '账号开通', notice: '通知' },
  },
}

export const problems = {
  OUTBOX_MESSAGE_NOT_FOUND: '没有找到这条短信。', OUTBOX_MESSAGE_EXPIRED: '这条短信里的验证码或链接已失效，请让客户重新获取。',
}
