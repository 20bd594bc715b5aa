export default {
  search: {
    title: '检索', lead: '按编号、人员、日期、判定，或说过的话查找双录。证件号码只用于比对，不会留在网址和日志里。',
    q: '任务编号、投保单号、保单号、姓名、手机号或证件号码', words: '说过的话（至少 2 个字）', agent: '业务员姓名或工号', product: '产品名称', type: '产品类型', state: '任务状态', verdict: '质检结论', from: '录制日期从', to: '到',
    go: '检索', clear: '清空', more: '继续查找', none: '没有找到', none_text: '编号可以只输入其中 4 位以上；姓名、手机号和证件号码须完整。', start: '输入条件后点检索', start_text: '可以同时填写几项，结果按时间从新到旧。',
    too_short: '说过的话至少输入 2 个字。', alike: '读音相近', no_recording: '未录制', policy: '保单 {no}', at: '从 {at} 播放',
    column: { case: '任务', people: '投保人 / 被保险人', agent: '业务员', state: '状态', verdict: '质检', recorded: '录制时间' },
  },
}
