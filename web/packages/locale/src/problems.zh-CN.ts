/** What a refusal means and what to do next, keyed by problem code. `{name}` is filled from the problem's parameters. */
export const problems: Record<string, string> = {
  OFFLINE: '网络连接不上。请检查网络后重试。',
  TIMED_OUT: '服务器没有及时回应。请稍后重试。',
  UNEXPECTED_RESPONSE: '服务器的回应无法识别。请刷新页面；如果仍然出现，请联系管理员。',
  INTERNAL: '服务出了问题，已记录。请稍后重试；如仍出现，请把编号 {request_id} 告诉管理员。',
  NOT_FOUND: '没有找到这项内容，可能已被移走或地址有误。',
  METHOD_NOT_ALLOWED: '这个操作不可用。请刷新页面后再试。',
  REQUEST_INVALID: '有内容填写不正确，请检查标出的项目。',
  JSON_INVALID: '提交的内容无法识别。请刷新页面后重试。',
  JSON_EXPECTED: '提交的内容格式不对。请刷新页面后重试。',
  BODY_TOO_LARGE: '文件或内容太大了，请换一个小一些的再试。',
  SIGN_IN_REQUIRED: '登录已失效，请重新登录。',
  FORBIDDEN: '您没有权限进行这个操作。如确有需要，请联系管理员。',
  ORIGIN_FORBIDDEN: '请从本系统的页面进行操作。',
  RATE_LIMITED: '操作过于频繁，请 {retry_after_s} 秒后再试。',
  TOO_MANY_REQUESTS: '操作过于频繁，请 {retry_after_s} 秒后再试。',
}
