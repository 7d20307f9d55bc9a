import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readDocument } from '../../src/lib/input/document.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'

const STDIN = Readable.from([])
const read = (content: string | Uint8Array, maxBytes = 1 << 20) =>
  readDocument(temporaryFile('network.yaml', content), STDIN, maxBytes)

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')

test.each([
  ['UTF-8', Buffer.from('a: ä')],
  ['UTF-8 with byte order mark', Buffer.from('\uFEFFa: ä')],
  ['UTF-16 with byte order mark', utf16('\uFEFFa: ä')],
  ['UTF-16, big end first', utf16('\uFEFFa: ä').swap16()],
])('%s is read', async (_, bytes) => {
  expect(await read(bytes)).toEqual({ file: 'network.yaml', text: 'a: ä' })
})

test('standard input is read to its end', async () => {
  const stdin = Readable.from([Buffer.from('a: \xc3', 'latin1'), Buffer.from('\xa4\n', 'latin1')])
  expect(await readDocument('-', stdin, 100)).toEqual({ file: '(stdin)', text: 'a: ä\n' })
})

test.each([
  [
    'ISO-8859-1',
    Buffer.from('a: b\nc: \xe4\n', 'latin1'),
    'UTF8_INVALID',
    'byte 8: this byte is no valid UTF-8',
  ],
  [
    'a character cut in two',
    Buffer.from('a: ä').subarray(0, 4),
    'UTF8_TRUNCATED',
    'byte 3: this byte is no valid UTF-8',
  ],
  ['UTF-16 without mark', utf16('a: b'), 'NUL_BYTE', 'byte 1: a NUL byte has no place in a text'],
  ['nothing', Buffer.alloc(0), 'FILE_EMPTY', 'the file is empty'],
  ['too much', Buffer.alloc((1 << 20) + 1, 32), 'DOCUMENT_TOO_LARGE', 'the document is larger than 1 MiB'],
])('%s is refused', async (_, bytes, code, message) => {
  await expect(read(bytes)).rejects.toMatchObject({ code, exit: 65, message: `network.yaml: ${message}` })
})

test('a missing file and a folder are named', async () => {
  const folder = temporaryFolder()
  await expect(readDocument(join(folder, 'no.yaml'), STDIN, 9)).rejects.toMatchObject({
    exit: 65,
    message: 'no.yaml: there is no such file',
  })
  await expect(readDocument(folder, STDIN, 9)).rejects.toMatchObject({ exit: 65, code: 'FILE_UNREADABLE' })
})
