export const problems = {
  CONTRACT_INVALID: '合同信息不合理（{faults}）。请核对后重新报送。',
  CONTRACT_NOT_REPORTED: '核心系统还没有报送这份合同的终止信息。',
  DISPOSAL_NOT_DUE: '有 {recording_ids} 不能列入清单：保存期限未满、仍在保全，或已在别的清单上。请刷新后重新选择。',
  DISPOSAL_SAME_PERSON: '您已批准过这份清单。第二次批准须由另一名合规人员或管理员完成。',
  DISPOSAL_STATE: '清单的状态已经变化。请刷新页面查看。',
  DISPOSAL_NOT_FOUND: '没有这份清单。它可能已被处理，请返回列表查看。',
}

export default {
  custody: {
    title: '录像保管',
    lead: '录像封存后一直保全；合同终止后按法定年限锁定保存，到期才能列入销毁清单。',
    search: '录制、任务、投保单或保单编号', view: '按状态筛选', all: '全部',
    state_of: { held: '保全中', pending: '正在应用', retained: '保存中', due: '已到期', listed: '已列入清单', disposed: '已销毁' },
    hint: { held: '合同仍有效，或有未终结的纠纷', pending: '正在写入存储', retained: '期限内任何人都不能删除', due: '可以列入销毁清单', listed: '等待批准或正在销毁', disposed: '只保留销毁记录' },
    none: '没有录像', none_text: '换一个筛选条件，或等待录像封存。', clear: '清除筛选',
    case: '任务 / 录制', numbers: '投保单 / 保单', recorded: '录制日期', ended: '合同终止', until: '保存至', left: '还有 {days} 天', unknown: '待核心系统报送', size: '大小', state: '状态', no_lock: '本地存储，不能锁定',
    propose: '生成销毁清单（已选 {count}）', pick_hint: '在“已到期”中勾选录像，即可生成销毁清单。',
    propose_title: '生成销毁清单', propose_text: '清单须由两名不同的人批准后才会执行。已选 {count} 份录像，共 {size}。', reason: '销毁理由（至少 10 个字）', reason_example: '例如：保存期限已满，按公司档案制度销毁', cancel: '取消', make: '生成清单', made: '清单已生成，等待批准',
    disposal: {
      title: '销毁清单', one: '销毁清单', lead: '只有保存期限已满的录像可以列入；两名不同的人批准后自动执行，过程全部留痕。', none: '还没有销毁清单', none_text: '在“录像保管”里勾选已到期的录像来生成。', to_custody: '去录像保管',
      state_of: { proposed: '待批准', approved: '正在销毁', done: '已完成', failed: '执行失败', withdrawn: '已撤回' }, failed_text: '执行中断，录像状态以存储为准。请管理员在“后台作业”里重试。',
      made: '生成', reason: '理由', recordings: '录像', approvals: '批准', of: '{given}/{needed}', by: '{name} 生成于 {time}', result: '结果', result_of: '已销毁 {deleted}，拒绝 {refused}', open: '查看',
      approve: '批准销毁', approve_text: '批准后共 {given}/{needed} 人。凑齐后立即销毁 {count} 份录像（{size}），无法恢复。', approve_last: '这是最后一次批准：确认后立即销毁 {count} 份录像（{size}），无法恢复。', approved: '已批准', withdraw: '撤回清单', withdraw_text: '请写明撤回理由（至少 10 个字）', withdrawn: '已撤回',
      waiting: '还需 {count} 人批准', you_did: '您已批准，等待另一名合规人员或管理员批准。', item_of: { planned: '待销毁', deleted: '已销毁', refused: '已拒绝' }, code_of: { CALLBACK_FILE_LOCKED: '有回访文件还在保存期限内', NOT_DUE: '重新核对时期限未满或有新的纠纷', OBJECT_LOCKED: '存储仍在锁定期内' },
      count: '{count} 份录像，共 {size}', hash: '清单指纹', objects: '{count} 个文件',
    },
  },
}
