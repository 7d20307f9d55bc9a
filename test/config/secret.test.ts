import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  basicLogin,
  bearerLogin,
  excerpt,
  redacted,
  redactedJson,
  Secret,
  sentAs,
} from '../../src/lib/config/secret.ts'

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

test('what is sent in its place is known, too, however short the password', () => {
  const sent = [basicLogin('reader', 'pw'), bearerLogin('issued-token-1')]
  expect(redacted(sent.join(', '))).toBe('Basic ***, Bearer ***')
  expect(sent[0]).toBe(`Basic ${Buffer.from('reader:pw').toString('base64')}`)
})

test('of tokens the newest are known, and of what was given everything', () => {
  new Secret('given-long-ago')
  for (let at = 0; at <= 1000; at++) sentAs(`token-number-${at};`)
  expect(redacted('given-long-ago token-number-0; token-number-1; token-number-1000;')).toBe(
    '*** token-number-0; *** ***',
  )
  sentAs('token-number-1;')
  sentAs('token-number-one-more;')
  expect(redacted('token-number-1; token-number-2;')).toBe('*** token-number-2;')
})

test('a text is cut when nothing is left in it of which half could be seen', () => {
  new Secret('long-secret-of-a-portal')
  expect(excerpt('it said long-secret-of-a-portal, twice', 20)).toBe('it said ***, twice')
  expect(excerpt('it said long-secret-of-a-portal, twice', 9)).toBe('it said *')
})

test('texts and names in JSON, however deep', () => {
  new Secret('in-a-json-value')
  expect(
    redactedJson({ a: ['in-a-json-value', 1, null, true], b: { 'x in-a-json-value': undefined } }),
  ).toEqual({ a: ['***', 1, null, true], b: { 'x ***': undefined } })
})
