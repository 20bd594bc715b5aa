export default {
  jobs: {
    title: '后台作业', lead: '录制后的合成、封存、质检流转等作业。失败或停滞的可在这里重试。', view: '筛选', view_of: { attention: '需要处理', all: '全部', running: '运行中', waiting: '等待', failed: '失败', done: '完成' }, subject: '对象编号',
    none: '没有作业', none_attention: '没有需要处理的作业', none_text: '录制结束后，作业会自动出现并运行。', state: '状态', state_of: { waiting: '等待', running: '运行中', done: '完成', failed: '失败' }, stuck: '停滞', kind: '作业', now: '当前步骤', attempt: '次数', updated: '更新', retry: '重试', retried: '已重新开始', tries: '已试 {tries} 次',
    kind_of: { finalise: '录像封存', cleanup: '清理本机副本', retain: '保存期限', retain_file: '回访文件期限', dispose: '到期销毁' },
    step: { plan_retention: '确定期限', apply_retention: '写入存储', confirm_retention: '向存储核对', delete: '逐份删除', confirm_deletion: '核对已删除', delete_papers: '销毁影像、单证和回访文件', finish: '登记结果', collect: '收集片段', verify_chain: '校验片段', measure: '测量音画', transcribe: '整理文字', check: '机器检查', compose: '合成录像', seal: '签名封存', store: '存入对象库', lock: '锁定保存', hand_over: '送质检', clean: '核对后删除本机副本' },
  },
}
