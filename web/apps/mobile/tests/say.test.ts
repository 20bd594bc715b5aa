import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import { say } from '../src/shared/say'

it('shows a sentence and has it read out', async () => {
  say('现在还不能这样做，请稍候。')
  await nextTick()
  const region = document.querySelector('.dr-sr-only[role=alert]')
  expect(region?.textContent).toBe('现在还不能这样做，请稍候。')
  expect(document.querySelector('.van-toast')?.textContent).toContain('现在还不能这样做')
  say('签字已保存')
  expect(document.querySelectorAll('.dr-sr-only[role=alert]')).toHaveLength(1)
  expect(region?.textContent).toBe('签字已保存')
})
