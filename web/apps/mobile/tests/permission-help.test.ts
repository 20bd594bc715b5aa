import { createLocale } from '@dr/locale'
import { DeviceError } from '@dr/rtc'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import PermissionHelp from '../src/features/devices/PermissionHelp.vue'
import devices from '../src/features/devices/locale.zh-CN'

const shown = (error: DeviceError) => mount(PermissionHelp, { props: { error }, global: { plugins: [createLocale(devices)] } }).text()

describe('what to do when a device cannot be opened', () => {
  it('names the one that is missing, and tells only of it', () => {
    expect(shown(new DeviceError('missing', 'camera'))).toContain('请接好摄像头，')
    expect(shown(new DeviceError('missing', 'microphone'))).toContain('带麦克风的耳机')
    expect(shown(new DeviceError('busy', 'microphone'))).toContain('正在使用麦克风的应用')
    expect(shown(new DeviceError('missing', 'microphone'))).not.toContain('摄像头')
  })
  it('tells of both where both are wanting', () => {
    expect(shown(new DeviceError('missing', 'both'))).toContain('请接好摄像头和麦克风')
    expect(shown(new DeviceError('busy', 'camera'))).toContain('正在使用摄像头的应用')
  })
})
