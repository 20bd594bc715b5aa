export default {
  health: {
    title: '运行状况', lead: '各进程、识别引擎、模型和存储是否可用。', again: '重新检查', version: '版本 {version}', mode: { development: '开发模式', production: '生产模式' },
    summary: { up: '全部正常', degraded: '有部件状态不佳，请查看', down: '有部件不可用，请尽快处理', not_measured: '有部件没有测到，请查看', off: '有部件未启用' },
    status: { up: '正常', degraded: '不佳', down: '不可用', off: '未启用', not_measured: '未测量' },
    group: { process: '进程', worker: '媒体与作业', engine: '引擎与通道', model: '模型', store: '存储', notice: '提示' },
  },
}
