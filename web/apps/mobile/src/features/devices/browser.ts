/** Which instructions fit this browser: where its permission switch is. */
export type Browser = 'wechat_ios' | 'wechat_android' | 'safari_ios' | 'other_ios' | 'huawei' | 'chrome_android' | 'other_android' | 'safari_desktop' | 'desktop'

export function browserOf(userAgent: string, touchPoints = 0): Browser {
  const ua = userAgent.toLowerCase()
  // An iPad calls itself a Mac; only its touch screen gives it away.
  const isIos = /iphone|ipad|ipod/.test(ua) || (ua.includes('macintosh') && touchPoints > 1)
  const isWechat = ua.includes('micromessenger')
  if (isIos) {
    if (isWechat) return 'wechat_ios'
    return /crios|fxios|edgios|mqqbrowser|ucbrowser|baiduboxapp/.test(ua) ? 'other_ios' : 'safari_ios'
  }
  if (ua.includes('android') || ua.includes('harmonyos') || ua.includes('openharmony')) {
    if (isWechat) return 'wechat_android'
    if (/huaweibrowser|arkweb/.test(ua)) return 'huawei'
    return /chrome\//.test(ua) && !/ucbrowser|mqqbrowser|miuibrowser|vivobrowser|heytapbrowser|baiduboxapp|samsungbrowser/.test(ua) ? 'chrome_android' : 'other_android'
  }
  return /safari/.test(ua) && !/chrom/.test(ua) ? 'safari_desktop' : 'desktop'
}
