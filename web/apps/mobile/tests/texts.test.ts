// @vitest-environment node
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import join, { problems as joinProblems } from '../src/features/join/locale.zh-CN'
import room, { problems as roomProblems } from '../src/features/room/locale.zh-CN'
import shared, { problems as sharedProblems } from '../src/shared/locale.zh-CN'

const root = resolve(import.meta.dirname, '../../../..')
const codes = (text: string) => [...new Set(text.match(/\b[A-Z]{3,}(?:_[A-Z0-9]+)+\b/g) ?? [])]

describe('every code of the server that a customer may meet has words', () => {
  it('instructions', () => {
    const source = readFileSync(resolve(root, 'server/sessions/instruction.py'), 'utf8')
    const given = source.slice(source.indexOf('def _customer'))
    const missing = [...new Set([...given.matchAll(/"([A-Z]+(?:_[A-Z]+)*)", ?(?:\{|params|dict)|return \("([A-Z_]+)"/g)].map((match) => match[1] ?? match[2]))].filter(
      (code) => code && !(code in room.room.task),
    )
    expect(missing).toEqual([])
  })

  it('problems of the way in', () => {
    const contract = readFileSync(resolve(root, 'docs/session-protocol.md'), 'utf8')
    const listed = contract.slice(contract.indexOf('Problems:'), contract.indexOf('## Creating'))
    const known = { ...joinProblems, ...roomProblems, ...sharedProblems }
    expect(codes(listed).filter((code) => !(code in known))).toEqual([])
  })

  it('no English and no jargon is shown', () => {
    const shown = JSON.stringify([join, room, shared, joinProblems, roomProblems, sharedProblems]).replace(/"[\w.]+":/g, '').replace(/\{\w+\}/g, '')
    expect(shown.replace(/Wi-Fi|Safari/g, '')).not.toMatch(/[A-Za-z]{3,}/)
  })
})
