export default {
  audits: {
    title: '审计日志', lead: '谁在什么时候做了什么。记录逐条相链，任何改动都能查出。', verify: '校验完整性', intact: '校验通过：{rows} 条记录首尾相连，没有改动。', broken: '第 {seq} 条记录校验不通过（{fault}），请立即报告合规部门。',
    actor: '操作人编号', action_filter: '动作，如 case.', subject_filter: '对象编号', none: '没有符合条件的记录', none_text: '调整筛选条件后再试。', clear: '清除筛选', seq: '序号', at: '时间', who: '操作人', action: '动作', subject: '对象', address: '地址', hash: '校验值',
    action_of: {
      auth_signed_in: '登录', auth_signed_out: '退出登录', auth_sign_in_failed: '登录失败', case_created: '建立双录任务', case_cancelled: '终止任务', case_location_changed: '更改参加地点', case_supplementary_opened: '开始补录', document_read: '查看单证', identity_captured: '采集影像',
      identity_removed: '删除影像', identity_viewed: '查看影像', identity_link_sent: '发送采集链接', outbox_resent: '重发短信', product_put: '维护产品', proposal_received: '收到投保单', proposal_document_added: '收到单证', session_created: '创建会话', session_code_issued: '发出会议码',
      talk_script_published: '发布话术', talk_script_version_added: '新增话术版本', user_created: '新建账号', user_changed: '修改账号', user_registered: '业务员注册', user_password_changed: '修改密码', user_password_reset: '重置密码', user_signed_out: '强制退出', user_totp_enabled: '开启两步验证',
      user_administrator_from_console: '在服务器上新建管理员', contract_reported: '收到合同状态', recording_retained: '保存期限已应用', recording_disposed: '录像已销毁', callback_file_retained: '回访文件期限已应用', proposal_papers_disposed: '单证已销毁',
      disposal_proposed: '生成销毁清单', disposal_approved: '批准销毁', disposal_withdrawn: '撤回销毁清单', disposal_refused: '拒绝销毁', disposal_done: '销毁完成', document_open: '打开单证', search_spoken: '按说过的话检索', job_retried: '重试作业',
      policy_received: '收到保单', policy_event_received: '收到保单变动', phone_warning_resolved: '处理号码预警', workday_calendar_published: '发布工作日历', service_call_viewed: '查看服务回访', service_call_result: '登记服务回访结果', service_call_number: '查看服务回访号码',
      callback_viewed: '查看回访', callback_page_viewed: '查看回访页面', callback_sampled: '回访抽检', callback_task_done: '办结回访任务', callback_numbers_exported: '导出待核实号码', webhook_created: '新建结果推送', webhook_changed: '修改结果推送', webhook_redelivered: '重新推送', webhook_secret_rotated: '更换推送密钥',
      inspection_passed: '质检通过', inspection_rejected: '质检驳回', callback_rulebook_published: '发布回访规则', callback_questionnaire_published: '发布回访问卷', callback_recording_added: '上传通话录音', callback_scan_added: '上传扫描件', callback_form_added: '生成回访单据',
      callback_phone_result: '登记通话结果', callback_classify: '问题件归类', callback_explained: '登记沟通解释', callback_visit_form_returned: '解释件已回收', callback_re_signed: '重新签署', callback_verify_call: '二次核实', callback_number_confirmed: '核实号码', callback_assign: '转其他回访方式', callback_visit_result: '登记上门结果', callback_letter_result: '登记信函结果', callback_close: '关闭回访',
    },
  },
}
