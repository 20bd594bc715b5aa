export default {
  webhooks: {
    title: '结果推送', lead: '回访结果签名后推送给核心系统；对方不可用时自动重试，最后一次仍失败的进入死信列表，等人工重新发送。',
    endpoints: '接收地址', add: '添加地址', edit: '修改', name: '名称', url: '地址', events: '事件', all_events: '全部事件', active: '启用', inactive: '已停用', save: '保存', test: '发送测试', tested: '已放入发送队列', rotate: '更换密钥',
    none: '还没有接收地址', none_text: '添加地址后，回访结果会自动推送过去。', waiting: '待发送 {count}', dead: '死信 {count}', last: '最近送达', never: '还没有送达过', redeliver_dead: '全部重新发送',
    secret: '签名密钥', secret_once: '密钥只显示这一次，请立即交给对方保存。', copied: '已复制', copy: '复制',
    deliveries: '推送记录', search: '回访编号、事件或推送编号', no_deliveries: '没有推送记录', attempts: '次数', answer: '对方应答', created: '时间', next: '下次重试', act: '操作', redeliver: '重新发送', redelivered: '已放入发送队列', show: '内容', no_answer: '没有应答',
    status: { queued: '待发送', sending: '发送中', delivered: '已送达', dead: '死信' },
    event: {
      'callback.succeeded': '回访成功', 'callback.problem_found': '发现问题件', 'callback.problem_classified': '问题件归类', 'callback.phone_gave_up': '电话联系未成功', 'callback.closed': '回访关闭', 'callback.expired': '回访到期',
      'service_call.finished': '服务回访完成', 'service_call.number_failed': '服务回访号码失败', 'phone_warning.found': '发现号码预警', 'phone_warning.resolved': '号码预警处理', 'webhook.test': '测试',
    },
  },
}

export const problems: Record<string, string> = {
  WEBHOOK_NEEDS_HTTPS: '正式环境只能使用 https 地址。',
  WEBHOOK_ENDPOINT_NOT_FOUND: '没有找到这个接收地址。',
  WEBHOOK_DELIVERY_NOT_FOUND: '没有找到这条推送。',
  WEBHOOK_DELIVERY_WAITS: '这条推送正在等待发送，不需要重新发送。',
}
