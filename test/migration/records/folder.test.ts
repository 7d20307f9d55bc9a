import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HttpFailure } from '../../../src/lib/http/failure.ts'
import { folderSettings, folderSource, folderTarget } from '../../../src/lib/migration/records/folder.ts'
import type { Content, DataRecord, RecordPage } from '../../../src/lib/migration/records/model.ts'
import { ContentRefused } from '../../../src/lib/migration/records/refused.ts'
import { failure } from '../../support/failure.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { bytesOf, fileOf, SIGNAL, settingsOf } from '../../support/records.ts'

const source = (path: string, size = 100) => folderSource(settingsOf(folderSettings, { path, size }), path)
const target = (path: string) => folderTarget(settingsOf(folderSettings, { path }), path)

const record = (key: string, content: Content = fileOf(Buffer.from(`bytes of ${key}`))): DataRecord => ({
  key,
  fields: {},
  content,
})

function files(folder: string, names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), name)
  }
}

async function all({ page }: Pick<ReturnType<typeof source>, 'page'>) {
  const keys: string[] = []
  const faults: string[] = []
  let cursor: string | null = null
  do {
    const read: RecordPage = await page(cursor, SIGNAL)
    keys.push(...read.records.map(({ key }) => key))
    faults.push(...(read.faults ?? []).map(({ key, reason }) => `${key}: ${reason}`))
    cursor = read.next
  } while (cursor !== null)
  return { keys, faults }
}

/** Everything below a folder, links and what is hidden, too. */
const below = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

describe('a folder that is read', () => {
  it.each([1, 2, 100])('tells all that is in it, %i to a page', async (size) => {
    const folder = temporaryFolder()
    const unfinished = `b/.ozgctl-part-${'0'.repeat(32)}`
    files(folder, [
      'b/a',
      'b.txt',
      'B',
      'x.ozgctl-part',
      '.ozgctl-part-1',
      unfinished,
      '.hidden',
      'ü/\u{1f4c4}',
      'a\nb',
    ])
    mkdirSync(join(folder, 'empty'))
    symlinkSync('/etc/hostname', join(folder, 'outside'))
    symlinkSync('b.txt', join(folder, 'b/link'))
    symlinkSync('b', join(folder, 'folder'))
    symlinkSync('nowhere', join(folder, 'dangling'))
    writeFileSync(Buffer.from(`${folder}/Stra\xdfe.txt`, 'latin1'), 'x')
    mkdirSync(Buffer.from(`${folder}/\xc4mter`, 'latin1'))
    writeFileSync(Buffer.from(`${folder}/\xc4mter/file`, 'latin1'), 'x')
    const socket = createServer().listen(join(folder, 'socket'))
    onTestFinished(() => {
      socket.close()
    })
    const link = 'it is a symbolic link, and these are not followed'
    expect(await all(source(folder, size))).toEqual({
      keys: ['.hidden', '.ozgctl-part-1', 'B', 'a\nb', 'b.txt', 'b/a', 'x.ozgctl-part', 'ü/\u{1f4c4}'],
      faults: [
        '%C4mter: its name is no UTF-8',
        'Stra%DFe.txt: its name is no UTF-8',
        `${unfinished}: a transfer that was interrupted left it`,
        `b/link: ${link}`,
        `dangling: ${link}`,
        `folder: ${link}`,
        `outside: ${link}`,
        'socket: it is neither a file nor a folder',
      ],
    })
  })

  it('gives bytes, and says when there are fewer or none any more', async () => {
    const folder = temporaryFolder()
    files(folder, ['grows', 'goes', 'stays'])
    const { records } = await source(folder).page(null, SIGNAL)
    const [goes, grows, stays] = records
    writeFileSync(join(folder, 'grows'), 'much more than there was')
    execFileSync('rm', [join(folder, 'goes')])
    expect(String(await bytesOf(stays))).toBe('stays')
    await expect(bytesOf(grows)).rejects.toThrow('sent 24 bytes of the file grows, and said that it has 5')
    await expect(bytesOf(goes)).rejects.toBeInstanceOf(ContentRefused)
  })

  it.each(['missing', 'file'])('that is %s is told', async (name) => {
    const folder = temporaryFolder()
    files(folder, ['file'])
    const { code, message } = await failure(() => source(join(folder, name)).page(null, SIGNAL))
    expect([code, message]).toEqual([
      'BAD_RECORDS',
      `${join(folder, name)}: the folder cannot be read (${name === 'file' ? 'ENOTDIR' : 'ENOENT'})`,
    ])
  })
})

const LONG = 'ö'.repeat(127)

describe('a folder that is written to', () => {
  it.each([
    'a',
    'a/b/c',
    'x.ozgctl-part',
    '.hidden',
    '...',
    ' ',
    'a\\b',
    'a\nb',
    '~',
    `${LONG}/${LONG}`,
    `${LONG}x`,
    'ü',
    'u\u0308',
  ])('takes %j whole', async (key) => {
    const folder = join(temporaryFolder(), 'out')
    const to = target(folder)
    expect(await to.write([record(key)], SIGNAL)).toEqual([{ kind: 'done', created: true }])
    expect(await to.write([record(key)], SIGNAL)).toEqual([{ kind: 'done', created: false }])
    expect(await all({ page: to.page ?? source(folder).page })).toEqual({ keys: [key], faults: [] })
    expect(String(await bytesOf(await to.find?.(key, SIGNAL)))).toBe(`bytes of ${key}`)
    expect(await to.remove?.(key, SIGNAL)).toEqual({ kind: 'done', created: null })
    expect(await to.remove?.(key, SIGNAL)).toEqual({ kind: 'done', created: null })
    expect(await to.find?.(key, SIGNAL)).toBeUndefined()
  })

  it.each([
    ['', 'its key is no path of a file'],
    ['.', 'its key is no path of a file'],
    ['..', 'its key is no path of a file'],
    ['a/', 'its key is no path of a file'],
    ['/etc/motd', 'its key is no path of a file'],
    ['a//b', 'its key is no path of a file'],
    ['a/./b', 'its key is no path of a file'],
    ['../out/a', 'its key is no path of a file'],
    ['a\0b', 'its key is no path of a file'],
    ['a\ud800', 'its key holds half a character'],
    [`a/${LONG}xy`, 'its key holds a name of more than 255 bytes'],
    [`${'a/'.repeat(1500)}b`, 'its key has more than 3000 bytes'],
    [`.ozgctl-part-${'f'.repeat(32)}`, 'its key is like the names of files that are not finished'],
    [`a/.ozgctl-part-${'f'.repeat(32)}`, 'its key is like the names of files that are not finished'],
    ['file/b', 'a file is where its folder has to be'],
    ['file/b/c', 'a file is where its folder has to be'],
    ['folder', 'something else than this file is there already'],
    ['link', 'something else than this file is there already'],
    ['away/file', 'its key leads out of the folder'],
  ])('sets %.30s aside, and others are written', async (key, reason) => {
    const above = temporaryFolder()
    const folder = join(above, 'out')
    files(folder, ['file', 'folder/file'])
    mkdirSync(join(above, 'beside'))
    symlinkSync('../beside', join(folder, 'away'))
    symlinkSync('file', join(folder, 'link'))
    const before = below(above)
    expect(await target(folder).write([record(key), record('good')], SIGNAL)).toEqual([
      { kind: 'refused', reason },
      { kind: 'done', created: true },
    ])
    expect(below(above).filter((name) => !/^out\/a(\/|$)/.test(name))).toEqual([...before, 'out/good'].sort())
    expect((await target(folder).remove?.(key, SIGNAL))?.kind).toBe(
      key === 'folder' || key === 'link' ? 'refused' : 'done',
    )
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('file')
  })

  it('never writes beside itself, whatever the key is', async () => {
    const above = temporaryFolder()
    const to = target(join(above, 'out'))
    const part = fc.constantFrom('.', '..', '/', 'a', 'b', '\\', '\0', ' ', 'ä')
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        await to.write([record(parts.join(''))], SIGNAL)
        expect(readdirSync(above).filter((name) => name !== 'out')).toEqual([])
      }),
    )
  })

  it.each<[string, () => AsyncIterable<Uint8Array>, string]>([
    ['is cut off', () => broken(new HttpFailure('truncated', 'maybe', 'cut off')), 'later: cut off'],
    ['may not be read', () => broken(new ContentRefused('nobody may')), 'refused: nobody may'],
  ])('leaves nothing of a file that %s', async (_what, open, said) => {
    const folder = join(temporaryFolder(), 'out')
    files(folder, ['a'])
    const content = { ...fileOf(Buffer.alloc(0)), open: async () => open() }
    const [outcome] = await target(folder).write([record('a', content)], SIGNAL)
    expect(
      outcome !== undefined && 'reason' in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome,
    ).toBe(said)
    expect(below(folder)).toEqual(['a'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('a')
  })

  it('writes over what an attempt before left, and over nothing that it leads to', async () => {
    const above = temporaryFolder()
    const folder = join(above, 'out')
    const to = target(folder)
    const half = { ...fileOf(Buffer.alloc(0)), open: async () => hanging() }
    const left = to.write([record('a', half)], SIGNAL)
    await expect.poll(() => (existsSync(folder) ? below(folder).length : 0)).toBe(1)
    const [part = ''] = below(folder)
    execFileSync('rm', [join(folder, part)])
    symlinkSync('../victim', join(folder, part))
    writeFileSync(join(above, 'victim'), 'as it was')
    expect(await to.write([record('a')], SIGNAL)).toEqual([{ kind: 'done', created: true }])
    expect(below(folder)).toEqual(['a'])
    expect(readFileSync(join(above, 'victim'), 'utf8')).toBe('as it was')
    release()
    expect(await failure(() => left)).toMatchObject({ code: 'OUTPUT_FAILED' })
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('bytes of a')
  })

  it('is empty before its first file', async () => {
    expect(await target(join(temporaryFolder(), 'none')).page?.(null, SIGNAL)).toEqual({
      records: [],
      next: null,
    })
  })
})

async function* broken(error: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half of it')
  throw error
}

let release = (): void => undefined

async function* hanging(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half of it')
  await new Promise<void>((resolve) => {
    release = resolve
  })
}
