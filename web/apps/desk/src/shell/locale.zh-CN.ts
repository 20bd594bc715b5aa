export default {
  shell: {
    product: '远程双录',
    group: { work: '工作', review: '质检与回访', admin: '管理' },
    skip: '跳到正文',
    account: '我的账号',
    sign_out: '退出登录',
    to_dark: '切换到深色',
    to_light: '切换到浅色',
    navigation: '主导航',
    pick_day: '选择日期',
    pick_time: '选择时间',
    role: {
      agent: '业务员',
      inspector: '质检员',
      callback_operator: '回访员',
      administrator: '管理员',
      compliance: '合规人员',
    },
  },
}
