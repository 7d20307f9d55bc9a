import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { redacted, Secret } from '../../src/lib/config/secret.ts'

const TEXT = 'c4n4ry/+"secret"='

test('a secret shows itself to nobody who does not ask for it', () => {
  const secret = new Secret(TEXT)
  for (const shown of [`${secret}`, JSON.stringify({ secret }), inspect({ secret }), String(secret)])
    expect(shown).not.toContain('c4n4ry')
  expect(secret.reveal()).toBe(TEXT)
})

test('what a process knows is taken out of its words, however it is written', () => {
  new Secret(TEXT)
  const base64 = Buffer.from(TEXT).toString('base64')
  const text = `a ${TEXT} b ${encodeURIComponent(TEXT)} c ${base64} d ${base64.replaceAll('=', '')}`
  expect(redacted(text)).toMatch(/^a \*\*\* b \*\*\* c \*\*\*.{0,3} d \*\*\*.?$/)
  const basic = ['i', 'id', 'ids'].map((id) => Buffer.from(`${id}:${TEXT}`).toString('base64'))
  for (const header of basic) expect(redacted(header)).toContain('***')
  expect(redacted(JSON.stringify({ TEXT }))).toBe('{"TEXT":"***"}')
  new Secret('')
  expect(redacted('nothing')).toBe('nothing')
})
