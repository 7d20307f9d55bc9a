import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readIndex } from '../../src/lib/input/transfer-index.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'

/** A transfer with the files a.xml and b.xml, and a folder c.xml. */
function transfer(index: string): string {
  const folder = temporaryFolder()
  for (const name of ['a.xml', 'b.xml']) writeFileSync(join(folder, name), name)
  mkdirSync(join(folder, 'c.xml'))
  writeFileSync(join(folder, 'index.txt'), index)
  return join(folder, 'index.txt')
}

test('the files come in the order of the index', () => {
  const path = transfer('\uFEFF b.xml \r\n\r\na.xml')
  const folder = path.replace('/index.txt', '')
  expect(readIndex(path)).toEqual([join(folder, 'b.xml'), join(folder, 'a.xml')])
})

test.each([
  ['', 'INDEX_EMPTY', 'index.txt: the index names no file'],
  ['\n\n', 'INDEX_EMPTY', 'index.txt: the index names no file'],
  ['a.xml\nmissing.xml\n', 'INDEX_MISSING_FILE', 'index.txt:2: "missing.xml" is not there'],
  ['c.xml\n', 'INDEX_MISSING_FILE', 'index.txt:1: "c.xml" is not there'],
  ['a.xml\nb.xml\na.xml\n', 'INDEX_TWICE', 'index.txt:3: "a.xml" is named twice'],
  ['../a.xml\n', 'INDEX_NAME', 'index.txt:1: "../a.xml" is no plain file name'],
  ['/etc/passwd\n', 'INDEX_NAME', 'index.txt:1: "/etc/passwd" is no plain file name'],
  ['..\n', 'INDEX_NAME', 'index.txt:1: ".." is no plain file name'],
  ['a.xml\u001B[2J\n', 'INDEX_NAME', 'index.txt:1: "a.xml\\u001b[2J" is no plain file name'],
])('the index %j is refused: %s', async (index, code, message) => {
  const error = await failure(() => readIndex(transfer(index)))
  expect({ code: error.code, exit: error.exit, message: error.message }).toEqual({ code, exit: 65, message })
  expect(error.suggestions).toHaveLength(1)
})

test('an index that cannot be read is told', async () => {
  const path = join(temporaryFile('x', ''), '..', 'index.txt')
  expect(await failure(() => readIndex(path))).toMatchObject({ code: 'FILE_UNREADABLE', exit: 65 })
})
