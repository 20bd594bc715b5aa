import { expect, it } from 'vitest'
import { browserOf } from '../src/features/devices/browser'
import devices from '../src/features/devices/locale.zh-CN'

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const ANDROID = 'Mozilla/5.0 (Linux; Android 14; PEEM00) AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  [`${IPHONE} Version/18.0 Mobile/15E148 Safari/604.1`, 0, 'safari_ios'],
  [`${IPHONE} Mobile/15E148 MicroMessenger/8.0.50 Language/zh_CN`, 0, 'wechat_ios'],
  [`${IPHONE} CriOS/128.0 Mobile/15E148 Safari/604.1`, 0, 'other_ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 5, 'safari_ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 0, 'safari_desktop'],
  [`${ANDROID} Chrome/128.0 Mobile Safari/537.36`, 5, 'chrome_android'],
  [`${ANDROID} Version/4.0 Chrome/116.0 Mobile Safari/537.36 XWEB/1160117 MicroMessenger/8.0.50`, 5, 'wechat_android'],
  [`${ANDROID} Version/4.0 Chrome/100.0 UCBrowser/15.0 Mobile Safari/537.36`, 5, 'other_android'],
  ['Mozilla/5.0 (Linux; Android 12; HarmonyOS; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 HuaweiBrowser/15.0 Mobile Safari/537.36', 5, 'huawei'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Safari/537.36', 0, 'desktop'],
] as const)('%s', (agent, touch, browser) => {
  expect(browserOf(agent, touch)).toBe(browser)
  expect(Object.keys(devices.devices.steps)).toContain(`denied_${browser}`)
})
