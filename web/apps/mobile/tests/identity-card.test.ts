import { collectMessages, createLocale } from '@dr/locale'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { CustomerImage } from '../src/features/identity/api'
import ImageCard from '../src/features/identity/ImageCard.vue'

const messages = collectMessages(import.meta.glob('../src/features/identity/locale.zh-CN.ts', { eager: true }))
const check = (code: CustomerImage['checks'][number]['code'], result: CustomerImage['checks'][number]['result'], reasons: string[] = []) => ({ code, result, value: null, reasons })

function card(...checks: CustomerImage['checks']) {
  const image: CustomerImage = { kind: 'id_front', captured_at: '2026-11-22T02:00:00Z', checks }
  return mount(ImageCard, { props: { kind: 'id_front', ticket: 't', image, locked: false }, global: { plugins: [createLocale(messages)] } })
}

describe('what became of a picture', () => {
  it('says that a photo of a person is no card, and what to do', () => {
    const page = card(check('sharpness', 'ok'), check('card_present', 'failed', ['FACE_FILLS_PICTURE']))
    expect(page.get('.state').text()).toBe('这张不能用，请重新拍')
    expect(page.findAll('.doubts li').map((line) => line.text())).toEqual(['这张是人脸照片，不是证件。请按上面写的拍证件，四个角都拍进来。'])
    expect(page.classes()).toContain('refused')
  })

  it('keeps a doubtful one, and one that nobody could measure', () => {
    expect(card(check('card_present', 'warning', ['CARD_EDGES_NOT_FOUND'])).get('.state').text()).toBe('可能不够清楚')
    expect(card(check('card_present', 'not_measured', ['VISION_UNAVAILABLE'])).get('.state').text()).toBe('已收到')
  })
})
