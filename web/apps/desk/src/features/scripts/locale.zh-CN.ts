export default {
  scripts: {
    title: '话术', lead: '话术按版本管理。会话开始时锁定当时生效的版本，之后发布的新版本不影响进行中的会话。', none: '还没有话术', none_text: '系统自带的标准话术会在首次启动时写入。若没有，请联系维护人员。', version: '版本', version_no: '第 {version} 版', status: '状态', status_of: { draft: '草稿', published: '已发布', retired: '已停用' },
    note: '说明', note_hint: '说明改了什么、为什么改（必填）', nodes: '环节数', effective: '生效时间', created: '创建', compare: '与其他版本比较', compare_with: '与第 {version} 版比较', diff: '第 {version} 版相对第 {against} 版的变化', same: '两个版本内容相同', change: { added: '新增', removed: '删除', changed: '修改' }, before: '原文', after: '新文',
    edit: '以此版本为基础修改', save: '保存为新草稿', saved: '已保存为第 {version} 版草稿', publish: '发布', publish_text: '发布后，新建的会话将使用第 {version} 版话术，原来的版本停用。请确认已核对全文。', published: '第 {version} 版已发布', cancel: '取消', leave: '放弃修改', leave_text: '修改还没有保存，离开会丢失。', stay: '继续编辑',
    node_title: '环节名称', locked: '监管规定，不可改', critical: '关键环节', when: '适用条件：', part: { prompt: '系统播报', agent_text: '业务员说明' }, answer: '须客户应答，词表：{lexicon}', consent: '不同意则会话结束', documents: '单证：', lost: '少了合并字段：{fields}，客户会听不到对应内容', gained: '新增合并字段：{fields}，请确认系统能提供', fingerprint: '内容校验值 {sha}… · {by} · {at}',
    fault: {
      node: '第 {number} 个环节“{title}”的{place}：{what}', whole: '整个话术：{what}', untitled: '（未命名）', part: { title: '名称', prompt: '系统播报', agent_text: '业务员说明', when: '适用条件', documents: '单证', answer: '应答', audience: '参与人', other: '内容' },
      code: {
        other: '内容不符合格式（{code}）', TEXT_EXPECTED: '请填写文字', FIELD_UNKNOWN: '没有“{detail}”这个合并字段，请改用已有的字段或删去', FIELD_MALFORMED: '花括号没有成对，或字段名写错，请检查', FACT_UNKNOWN: '没有“{detail}”这个条件', ID_TWICE: '环节代号“{detail}”重复', CONSENT_NODE_MISSING: '缺少监管规定的同意环节', NOTICE_NODE_MISSING: '缺少监管规定的告知环节', CONSENT_NOT_FIRST: '第一个环节必须是锁定的“同意录音录像”环节', PRESCRIBED_TEXT_MISSING: '缺少监管规定的话，请原样保留：“{detail}”',
        CLOSING_NOT_LAST: '最后一个环节必须是“结束”', LEXICON_UNKNOWN: '没有这个应答词表', REQUIRED_FOR_KIND: '这类环节必须填写此项', CONDITION_EXPECTED: '条件写得不对，请检查', CONSENT_TURNED_ROUND: '同意环节必须以“同意”为肯定、“不同意”为否定，不能颠倒', SECONDS_EXPECTED: '时长应是 0 到 3600 秒的数字', LOCKED_HAS_CONDITION: '监管规定环节不能带条件', ROLES_EXPECTED: '请选择参与人', UNKNOWN_KEY: '有不认识的项目', PHRASE_IN_BOTH: '“{detail}”同时出现在肯定和否定词表中',
      },
    },
    word: {
      not: '不是', not_insured_is_policyholder: '投保人与被保险人不是同一人', not_insured_is_minor: '被保险人已成年', not_is_single_pay: '期交', any: '满足其一', channel: '渠道', product_type: '产品类型', policyholder_age: '投保人年龄', insured_is_policyholder: '投保人与被保险人为同一人', insured_is_minor: '被保险人未成年', is_single_pay: '趸交', is_elderly: '投保人年满 60 岁', bank: '银保', intermediary: '中介', individual: '个险', agent: '个险', participating: '分红险', universal: '万能险', unit_linked: '投连险', health: '健康险', term: '定期寿险', has_waiting_period: '有等待期', has_death_benefit: '含身故责任', is_new_type: '新型产品',
      true: '是', false: '否', min: '至少', max: '至多', consent: '同意 / 不同意', clear: '清楚 / 不清楚', confirm: '确认 / 不确认', insurer_name: '保险公司', policyholder_name: '投保人', insured_name: '被保险人', institution_name: '所属机构', agent_name: '业务员', agent_licence_no: '执业证编号', product_name: '产品名称', product_type_text: '产品类型', sum_insured_text: '保险金额', premium_text: '保险费', payment_mode_text: '交费方式', payment_term_text: '交费期间', policy_term_text: '保险期间',
      cooling_off_days: '犹豫期天数', waiting_days: '等待期天数', waiting_period_days: '等待期天数', guaranteed_rate: '保证利率', surrender_text: '退保说明', proposal_no: '投保单号',
    },
  },
}

export const problems = {
  TALK_SCRIPT_INVALID: '话术内容有误，不能保存。请按提示修改。', TALK_SCRIPT_NOT_FOUND: '没有找到这个话术版本。', TALK_SCRIPT_PUBLISHED: '这个版本已经发布，不能再次发布。', TALK_SCRIPT_UNCHANGED: '内容与上一版相同，没有需要保存的修改。', TALK_SCRIPT_EFFECTIVE_IN_PAST: '生效时间不能早于现在。',
}
