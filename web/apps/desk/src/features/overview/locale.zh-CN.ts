export default {
  overview: {
    title: '工作台', lead: '需要管理员处理的事情，和系统现在的状况。', todo: '待处理', nothing: '现在没有需要您处理的事情', nothing_text: '新的注册申请、发送失败的短信和异常的部件会出现在这里。',
    pending: '{count} 个注册等待审核', pending_text: '请核对姓名、代码和执业证编号后通过或拒绝。', pending_act: '去审核', sms: '{count} 条短信发送失败', sms_text: '客户可能没有收到会议码或链接。', sms_act: '查看短信', draft: '话术“{title}”有未发布的草稿', draft_text: '最新是第 {latest} 版，新会话仍使用第 {current} 版。', draft_act: '去核对', unpublished: '还没有',
    down: '{count} 个部件不可用', degraded: '{count} 个部件需要留意', off: '{count} 项检查没有启用', down_act: '查看运行状况', health: '运行状况', cases: '双录任务', all_cases: '查看全部',
  },
}
