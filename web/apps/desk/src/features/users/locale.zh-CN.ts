export default {
  users: {
    title: '人员', lead: '管理业务员、质检员、回访员和管理员的账号。', new: '新建账号', edit: '修改资料', search: '账号、姓名、代码或完整手机号', role: '角色', all_roles: '全部角色', status: '状态', all_status: '全部状态',
    status_of: { active: '在用', pending: '待审核', disabled: '已停用' }, none: '没有符合条件的账号', none_text: '换个关键词，或清除筛选条件。', clear: '清除筛选', name: '姓名', codes: '代码与机构', org_team: '机构 {org} · 团队 {team}', phone: '手机', last: '最近登录', act: '操作',
    must_change: '须修改密码', more: '更多', more_for: '{name}的更多操作', approve: '通过审核', approve_text: '通过后，{name}就可以登录并开展双录。', reject: '拒绝', reject_text: '拒绝后，{name}的注册不会开通，账号留作记录。', licence: '执业证 {licence}', enable: '恢复启用', enable_text: '恢复后，{name}可以重新登录。', disable: '停用', disable_text: '停用后，{name}会立即退出登录，不能再使用系统。',
    reset: '重置密码', reset_text: '{name}的所有登录会立即失效，系统会生成一个一次性密码。', reset_done: '新的一次性密码', reset_show: '请把下面的密码告诉{name}（账号 {login}）。它只显示这一次，首次登录须修改。', noted: '我已记下', sign_out: '强制退出登录', signed_out: '{name}的登录已全部退出', saved: '已保存', save: '保存', cancel: '取消',
    login: '登录账号', role_rule: '销售与质检须分开，不能同时选“业务员”和“质检员”。', first_password: '初始密码', first_password_text: '至少 10 个字符，首次登录须修改。', agent_kind: '业务员类别', field_wrong: '“{field}”没有填写或格式不对', field: { org_code: '机构编码', team: '团队', phone: '手机号' },
  },
}

export const problems = {
  USER_LOGIN_TAKEN: '这个登录账号已被使用，请换一个。', USER_PHONE_TAKEN: '这个手机号已属于另一个账号。', USER_AGENT_CODE_TAKEN: '这个代理人代码或工号已属于另一个账号，请核对。', USER_ROLES_CONFLICT: '销售与质检须分开，不能兼任这些角色。', USER_NOT_FOUND: '没有找到这个账号。', USER_IS_YOURSELF: '不能对自己的账号进行这个操作。',
}
