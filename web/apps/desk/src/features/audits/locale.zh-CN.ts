export default {
  audits: {
    title: '审计日志', lead: '谁在什么时候做了什么。记录逐条相链，任何改动都能查出。', verify: '校验完整性', intact: '校验通过：{rows} 条记录首尾相连，没有改动。', broken: '第 {seq} 条记录校验不通过（{fault}），请立即报告合规部门。',
    actor: '操作人编号', action_filter: '动作，如 case.', subject_filter: '对象编号', none: '没有符合条件的记录', none_text: '调整筛选条件后再试。', clear: '清除筛选', seq: '序号', at: '时间', who: '操作人', action: '动作', subject: '对象', address: '地址', hash: '校验值',
    action_of: {
      auth_signed_in: '登录', auth_signed_out: '退出登录', auth_sign_in_failed: '登录失败', case_created: '建立双录任务', case_cancelled: '终止任务', case_location_changed: '更改参加地点', case_supplementary_opened: '开始补录', document_read: '查看单证', identity_captured: '采集影像',
      identity_removed: '删除影像', identity_viewed: '查看影像', identity_link_sent: '发送采集链接', outbox_resent: '重发短信', product_put: '维护产品', proposal_received: '收到投保单', proposal_document_added: '收到单证', session_created: '创建会话', session_code_issued: '发出会议码',
      talk_script_published: '发布话术', talk_script_version_added: '新增话术版本', user_created: '新建账号', user_changed: '修改账号', user_registered: '业务员注册', user_password_changed: '修改密码', user_password_reset: '重置密码', user_signed_out: '强制退出', user_totp_enabled: '开启两步验证',
    },
  },
}
