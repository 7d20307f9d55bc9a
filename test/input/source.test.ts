import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type InputSource, openSources, totalBytes } from '../../src/lib/input/source.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { sourceOf } from '../support/source.ts'
import { zipOf } from '../support/zip.ts'

async function opened(paths: readonly string[], stdin?: AsyncIterable<Buffer>) {
  const found: { name: string; text: string; bytes: number; sha256: string }[] = []
  for await (const source of openSources(paths, stdin === undefined ? {} : { stdin })) {
    const text = await contentOf(source)
    found.push({ name: source.name, text, bytes: source.facts.bytes, sha256: source.facts.sha256 })
  }
  return found
}

async function contentOf(source: InputSource): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of source.bytes()) parts.push(part)
  return Buffer.concat(parts).toString()
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('a file comes with its name, size and SHA-256; an archive with those of the archive', async () => {
  const packed = gzipSync('packed')
  const zip = zipOf([
    { name: 'one.csv', content: 'one' },
    { name: 'two.csv', content: 'two' },
  ])
  const files = [
    temporaryFile('a.csv', 'plain'),
    temporaryFile('a.csv.gz', packed),
    temporaryFile('a.zip', zip),
  ]
  expect(await opened(files)).toEqual([
    { name: 'a.csv', text: 'plain', bytes: 5, sha256: sha256(Buffer.from('plain')) },
    { name: 'a.csv.gz', text: 'packed', bytes: packed.length, sha256: sha256(packed) },
    { name: 'a.zip!one.csv', text: 'one', bytes: zip.length, sha256: sha256(zip) },
    { name: 'a.zip!two.csv', text: 'two', bytes: zip.length, sha256: sha256(zip) },
  ])
  expect(totalBytes(files)).toBe(5 + packed.length + zip.length)
})

test('what a file is, is seen from its content, also when it arrives byte by byte', async () => {
  const packed = gzipSync('packed')
  const stdin = sourceOf(packed, { sizes: [1] }).bytes()
  expect(await opened(['-'], stdin)).toEqual([
    { name: '(stdin)', text: 'packed', bytes: packed.length, sha256: sha256(packed) },
  ])
  for await (const source of openSources(['-'], {
    stdin: sourceOf('x'.repeat(9000), { sizes: [7] }).bytes(),
  }))
    expect(source.head.length).toBeGreaterThanOrEqual(4096)
})

test('the bytes read so far are told, over all files', async () => {
  const seen: number[] = []
  const files = [temporaryFile('a.csv', 'abc'), temporaryFile('b.csv', 'de')]
  for await (const source of openSources(files, { onBytes: (read) => seen.push(read) }))
    await contentOf(source)
  expect(seen).toEqual([3, 5])
})

describe('a folder', () => {
  test('stands for its files in the order of their names; others and folders in it are passed over', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'deeper.xml'))
    for (const name of ['b.xml', 'a.csv', 'notes.md', 'C.TXT']) writeFileSync(join(folder, name), name)
    expect((await opened([folder])).map(({ text }) => text)).toEqual(['C.TXT', 'a.csv', 'b.xml'])
  })

  test('may hold symbolic links to files', async () => {
    const folder = temporaryFolder()
    symlinkSync(temporaryFile('x', 'linked'), join(folder, 'a.csv'))
    symlinkSync(temporaryFolder(), join(folder, 'folder.csv'))
    expect((await opened([folder])).map(({ text }) => text)).toEqual(['linked'])
  })

  test('stands for those that its index.txt names, in that order', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'index.txt'), '\uFEFFb.xml\r\n\r\na.xml\r\n')
    for (const name of ['a.xml', 'b.xml', 'c.xml']) writeFileSync(join(folder, name), name)
    expect((await opened([folder])).map(({ text }) => text)).toEqual(['b.xml', 'a.xml'])
    expect((await opened([join(folder, 'index.txt')])).map(({ text }) => text)).toEqual(['b.xml', 'a.xml'])
  })

  test('without a usable file is told', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'notes.md'), '')
    expect(await failure(() => opened([folder]))).toMatchObject({
      code: 'FOLDER_EMPTY',
      exit: 65,
      message: `${folder}: the folder holds no file to import`,
    })
  })

  test('that leads back into itself is not gone round in', async () => {
    const folder = temporaryFolder()
    symlinkSync(folder, join(folder, 'again.xml'))
    writeFileSync(join(folder, 'a.xml'), 'once')
    expect((await opened([folder])).map(({ text }) => text)).toEqual(['once'])
  })
})

describe('what cannot be opened is told with its name and the way out', () => {
  test.each([
    ['a missing file', 'missing.xml', 'there is no such file', 'Check the name and the folder you are in.'],
    [
      'a file in no folder',
      'file/missing.xml',
      'there is no such file',
      'Check the name: a part of its path is no folder.',
    ],
    ['links in a circle', 'circle.xml', 'its symbolic links go round in a circle', 'Name the file itself.'],
    ['an empty file', 'empty.xml', 'the file is empty', 'Fetch it again.'],
    [
      'a broken link in a folder',
      'folder',
      'there is no such file',
      'Check the name and the folder you are in.',
    ],
  ])('%s', async (_, name, message, suggestion) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    writeFileSync(join(folder, 'empty.xml'), '')
    symlinkSync(join(folder, 'circle.xml'), join(folder, 'circle.xml'))
    mkdirSync(join(folder, 'folder'))
    symlinkSync(join(folder, 'missing'), join(folder, 'folder', 'broken.xml'))
    const error = await failure(() => opened([join(folder, name)]))
    const file = name === 'folder' ? 'broken.xml' : name.replace(/.*\//, '')
    expect(error).toMatchObject({ exit: 65, message: `${file}: ${message}`, suggestions: [suggestion] })
  })

  test('an empty gzip', async () => {
    const path = temporaryFile('a.csv.gz', gzipSync(''))
    expect((await failure(() => opened([path]))).code).toBe('FILE_EMPTY')
  })

  test('a zip archive from standard input or a pipe, which cannot be read twice', async () => {
    const zip = zipOf([{ name: 'a.csv', content: 'a' }])
    expect(await failure(() => opened(['-'], sourceOf(zip).bytes()))).toMatchObject({
      code: 'ZIP_FROM_STDIN',
      suggestions: ['Save it and name the file.'],
    })
    const pipe = join(temporaryFolder(), 'pipe.zip')
    execFileSync('mkfifo', [pipe])
    spawn('cp', ['--', temporaryFile('a.zip', zip), pipe], { stdio: 'inherit' })
    expect(await failure(() => opened([pipe]))).toMatchObject({ code: 'ZIP_FROM_PIPE' })
  })

  test('standard input where there is none', async () => {
    expect((await failure(() => opened(['-']))).code).toBe('NO_STDIN')
  })
})

test('a pipe is read like a file', async () => {
  const pipe = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  spawn('sh', ['-c', `printf 'a;b' > ${pipe}`], { stdio: 'inherit' })
  expect((await opened([pipe])).map(({ text }) => text)).toEqual(['a;b'])
})
