import { describe, expect, it } from 'vitest'
import type { Challenge } from '../src/features/callback/api'
import { recordableType, stepAt } from '../src/features/callback/recording'

const challenge: Challenge = {
  challenge_id: 'fch_1',
  kind: 'turns',
  steps: [
    { action: 'straight', from_ms: 0, to_ms: 1500 },
    { action: 'turn_left', from_ms: 1500, to_ms: 4500 },
  ],
  digits: '',
  length_ms: 4500,
  expires_at: '2026-11-22T00:00:00Z',
}

describe('the video of the face check', () => {
  it('shows the step of the time, and the last one while the recording ends', () => {
    expect(stepAt(challenge, 0)?.action).toBe('straight')
    expect(stepAt(challenge, 1500)?.action).toBe('turn_left')
    expect(stepAt(challenge, 4499)?.action).toBe('turn_left')
    expect(stepAt(challenge, 5000)?.action).toBe('turn_left')
  })

  it('takes what the browser can record: WebM, or MP4 on iPhones, or says that it cannot', () => {
    expect(recordableType((type) => type.startsWith('video/webm'))).toBe('video/webm;codecs=vp8,opus')
    expect(recordableType((type) => type === 'video/mp4')).toBe('video/mp4')
    expect(recordableType(() => false)).toBeNull()
  })
})
