export default {
  health: {
    title: '运行状况', lead: '各进程、识别引擎、模型和存储是否可用。', again: '重新检查', version: '版本 {version}', mode: { development: '开发模式', production: '生产模式' },
    summary: { up: '全部正常', degraded: '有部件状态不佳，请查看', down: '有部件不可用，请尽快处理', not_measured: '有部件没有测到，请查看', off: '有部件未启用' },
    status: { up: '正常', degraded: '不佳', down: '不可用', off: '未启用', not_measured: '未测量' },
    group: { process: '进程', worker: '媒体与作业', engine: '引擎与通道', model: '模型', store: '存储', notice: '提示' },
  },
  media: {
    title: '媒体服务', lead: '{workers} 个媒体进程，{rooms} 个房间', loading: '正在读取……', broken: '暂时读不到媒体服务的情况，稍后自动重试。', none: '没有媒体进程，现在不能录制。请检查媒体服务是否已启动。',
    worker: '媒体进程', state: '状态', state_of: { up: '正常', draining: '排空中', full: '已满', disk_low: '磁盘不足', unwatched: '代理没有应答', away: '没有应答', lost: '已失联' }, rooms: '房间', rooms_legs: '{rooms} 间 / {legs} 路', cpu: '负荷（占一个核）', lag: '循环延迟', disk: '还能录', hours: '{hours} 小时', uploads: '上传', waiting: '{count} 段待传', stored: '已全部入库', store_away: '存储连不上', not_measured: '未测量',
    queues: '排队', queues_empty: '没有积压', queue: { writer_bytes: '待写盘 {size}', tap_bytes: '待识别 {size}', rpc_events: '待通知 {size} 条' },
    legs_broken: '暂时读不到这个房间的连接，稍后自动重试。', no_legs: '还没有人连上。',
    leg: { seat: '座位', score: '评分', bitrate: '码率', packets: '收到包', lost: '丢失', nack: '请求重传', rtx: '补回', pli: '请求关键帧', jitter: '抖动', rtt: '往返', gap: '断开累计' },
    no_rooms: '现在没有房间。', recording: '录制中', lobby: '等候中', drain: '排空', undrain: '恢复接入', cancel: '取消', drain_sure: '{name} 将不再接新的会话，进行中的会话继续到结束。确定要排空吗？', drain_done: '已通知，几秒后生效', undrain_done: '已恢复，几秒后生效',
    alarm: { disk_low: '磁盘不足', busy: '负荷已满', lagging: '处理变慢', lost: '进程失联', uploads_late: '上传积压' },
    alarm_help: { disk_low: '可录时间不足，新会话已被拒绝，正在录制的不受影响。请清理或扩容。', busy: '新会话会安排到其他媒体进程；如果都满，请增加机器。', lagging: '画面声音可能发卡。请检查这台机器上是否有其他繁重的工作。', lost: '它的会话已中断，恢复后会自动回到原座位。请检查这台机器。', uploads_late: '录像片段在本机等待上传，没有丢失。请检查对象存储。' },
  },
}
