import { describe, expect, test } from 'vitest'
import { headText, recognise } from '../../src/lib/input/recognise.ts'
import { failure } from '../support/failure.ts'
import { sourceOf } from '../support/source.ts'

test.each([
  ['<a/>', 'xml'],
  ['\n <?xml version="1.0"?><a/>', 'xml'],
  ['\uFEFF<a/>', 'xml'],
  ['<htmlish/>', 'xml'],
  ['<!-- <html> --><a/>', 'xml'],
  ['<header/>', 'xml'],
  ['{"a":1}', 'json'],
  ['\uFEFF[1]', 'json'],
  ['a;b', 'text'],
  ['', 'text'],
  ['102023113003 Niedersachsen', 'text'],
])('%j is %s', (text, kind) => {
  expect(recognise(sourceOf(text))).toBe(kind)
})

test('UTF-16 is looked at like any text, with and without its mark', () => {
  expect(recognise(sourceOf(Buffer.from('\uFEFF<a/>', 'utf16le')))).toBe('xml')
  expect(recognise(sourceOf(Buffer.from('\uFEFF{"a":1}', 'utf16le').swap16()))).toBe('json')
  expect(recognise(sourceOf(Buffer.from('<a/>', 'utf16le')))).toBe('xml')
  expect(headText(sourceOf(Buffer.from('\uFEFF102023', 'utf16le').swap16()))).toBe('102023')
})

describe('what is something else is named', () => {
  test.each([
    ['<!DOCTYPE html><html>', 'IS_HTML'],
    ['<!doctype HTML PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">', 'IS_HTML'],
    ['  \n<HTML lang="de">', 'IS_HTML'],
    ['<?xml version="1.0"?>\n<!DOCTYPE html>', 'IS_HTML'],
    ['<!-- saved from url -->\n<!-- again --><html>', 'IS_HTML'],
    ['\uFEFF<body>', 'IS_HTML'],
  ])('%j: a web page', async (text, code) => {
    expect(await failure(() => recognise(sourceOf(text, { name: 'a.xml' })))).toMatchObject({
      code,
      exit: 65,
      message: 'a.xml:1: this is a web page (HTML), not data',
      suggestions: ['Open it in a browser: it is often a login or error page. Then fetch the file again.'],
    })
  })

  test.each([
    ['%PDF-1.7', 'a PDF document'],
    [Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1), 'an old Office document'],
    ['SQLite format 3\0', 'a SQLite database'],
    ['BZh91AY', 'packed with bzip2'],
    [Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), 'packed with xz'],
    [Buffer.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), 'a 7-Zip archive'],
    ['Rar!\x1A\x07', 'a RAR archive'],
  ])('%j: %s', async (bytes, what) => {
    const error = await failure(() => recognise(sourceOf(bytes, { name: 'a.csv' })))
    expect(error).toMatchObject({ code: 'IS_FOREIGN', message: `a.csv: this is ${what}, not data` })
    expect(error.suggestions).toHaveLength(1)
  })
})

test('a long run of unfinished comments costs no time', () => {
  expect(recognise(sourceOf('<!-- '.repeat(10_000)))).toBe('xml')
})
