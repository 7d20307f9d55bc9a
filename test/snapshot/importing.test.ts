import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { badInput } from '../../src/lib/errors.ts'
import type { Defect } from '../../src/lib/input/defects.ts'
import { type ImportJob, type ImportOptions, runImport } from '../../src/lib/snapshot/importing.ts'
import { activeSnapshot, addSnapshot, listSnapshots } from '../../src/lib/snapshot/snapshots.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile } from '../support/folder.ts'
import { newSnapshot } from '../support/snapshot.ts'
import { textOf } from '../support/source.ts'
import { temporaryStore, testContext } from '../support/store.ts'

/** Imports words: each is a record, "bad" is rejected and "odd" is kept. */
async function importWords(
  files: readonly string[],
  {
    mainCount = 'words',
    former,
    stdin = '',
    refusal,
    between,
    ...options
  }: Partial<ImportOptions> & {
    mainCount?: ImportJob['mainCount']
    former?: Record<string, number>
    stdin?: string
    refusal?: string
    /** What others do after everything has been checked. */
    between?: (store: Store) => Promise<unknown>
  } = {},
) {
  const store = await temporaryStore()
  if (former !== undefined) await addSnapshot(store, newSnapshot('offer', former), () => undefined)
  const log: string[] = []
  const words: string[] = []
  const job: ImportJob = {
    kind: 'offer',
    mainCount,
    limits: { of: 'a list of words', records: 100, bytes: 1000 },
    read: async ({ source, kind, text }, defects) => {
      source.facts.format = kind
      for (const word of (await textOf(text)).split(/\s+/).filter((part) => part !== '')) {
        source.record()
        const action: Defect['action'] = word === 'bad' ? 'rejected' : 'kept'
        if (word === 'bad' || word === 'odd')
          defects.add({
            action,
            reason: word,
            place: { file: source.name, line: 1 },
            field: 'word',
            value: word,
          })
        if (word !== 'bad') words.push(word)
      }
    },
    refuse: async () => (refusal === undefined ? undefined : badInput('REFUSED', refusal, {}, ['Do not.'])),
    finish: async () => ({
      counts: { words: words.length, letters: words.join('').length },
      ignored: { blanks: 1 },
      write: () => log.push('write'),
    }),
  }
  const context = { ...testContext(), stdin: Readable.from([Buffer.from(stdin)]) }
  const onChecked = (): void => {
    log.push('checked')
    // It is done at once: nobody else holds the store.
    void between?.(store)
  }
  const all = { files, onChecked, ...options }
  try {
    return { result: await runImport(context, store, all, job), log, error: undefined, store }
  } catch (error) {
    return { result: undefined, log, error: await failure(() => Promise.reject(error)), store }
  }
}

const file = (text: string) => temporaryFile('words.txt', text)

test('what was read becomes the active snapshot, with its whole record', async () => {
  const path = temporaryFile('words.txt', 'one bad odd')
  const { result, log, store } = await importWords([path, '-'], {
    stdin: '{"two"}',
    former: { words: 2 },
    maxRejects: { count: 1 },
  })
  expect(result?.former?.id).toBe('offer-1')
  expect(result?.snapshot).toMatchObject({
    id: 'offer-2',
    active: true,
    createdAt: '2026-11-23T12:00:00.000Z',
    actor: 'tester',
    counts: { words: 3 },
    ignored: { blanks: 1 },
    rejected: { total: 1, byReason: { bad: 1 } },
    kept: { total: 1, byReason: { odd: 1 } },
    sources: [
      {
        name: 'words.txt',
        format: 'text',
        encoding: 'utf-8',
        bytes: 11,
        sha256: 'f0def99a3cf3f60d5233518f1a05e25c86889944408782e4ed76daee849c0cb8',
      },
      { name: '(stdin)', format: 'json', bytes: 7 },
    ],
  })
  expect(log).toEqual(['checked', 'write'])
  expect(await activeSnapshot(store, 'offer')).toEqual(result?.snapshot)
})

test('the encoding that was chosen is used', async () => {
  const { result } = await importWords([temporaryFile('a.txt', Buffer.from('für', 'latin1'))], {
    encoding: 'iso-8859-1',
  })
  expect(result?.snapshot).toMatchObject({ counts: { letters: 3 }, sources: [{ encoding: 'iso-8859-1' }] })
  const text = '<?xml version="1.0" encoding="x-unknown"?><a/>'
  expect((await importWords([file(text)])).error?.code).toBe('ENCODING_UNKNOWN')
  expect((await importWords([file(text)], { encoding: 'utf-8' })).error).toBeUndefined()
})

describe('nothing is written and nothing announced when', () => {
  test.each([
    ['there is no record', ' \n', {}, 'NOTHING_USABLE', 'the input holds no record of this kind'],
    [
      'no record can be used',
      'bad bad',
      {},
      'NOTHING_USABLE',
      'words.txt:1: no row can be used; the first is rejected as bad: "bad"',
    ],
    [
      'one is rejected and --strict',
      'one bad',
      { strict: true },
      'STRICT',
      'words.txt:1: --strict: 1 row cannot be used (1 bad); nothing was imported',
    ],
    [
      'several are rejected and --strict',
      'bad one bad',
      { strict: true },
      'STRICT',
      'words.txt:1: --strict: 2 rows cannot be used (2 bad); nothing was imported',
    ],
    [
      'more than a tenth is rejected',
      `${'one '.repeat(17)}bad bad`,
      {},
      'REJECTS_TOO_MANY',
      'words.txt:1: 2 of 19 rows cannot be used (2 bad), more than 10%; nothing was imported',
    ],
    [
      'more than a tenth is rejected, in a dry run too',
      'one bad',
      { dryRun: true },
      'REJECTS_TOO_MANY',
      'words.txt:1: 1 of 2 rows cannot be used (1 bad), more than 10%; nothing was imported',
    ],
    [
      'more than the share that was allowed is rejected',
      'one one bad',
      { maxRejects: { percent: 33 } },
      'REJECTS_TOO_MANY',
      'words.txt:1: 1 of 3 rows cannot be used (1 bad), more than 33%; nothing was imported',
    ],
    [
      'more than the number that was allowed is rejected',
      'one bad bad',
      { maxRejects: { count: 1 } },
      'REJECTS_TOO_MANY',
      'words.txt:1: 2 of 3 rows cannot be used (2 bad), more than 1; nothing was imported',
    ],
    [
      'the kind has its own reason against it',
      'one',
      { former: { words: 1 }, refusal: 'no more letters' },
      'REFUSED',
      'no more letters',
    ],
    [
      'less than a tenth is left',
      'one',
      { former: { words: 11 } },
      'SHRUNK',
      'the input has 1 words, offer-1 has 11: it looks cut off; nothing was imported',
    ],
    [
      'there are more records than of any such list',
      'one '.repeat(101),
      {},
      'INPUT_TOO_LARGE',
      'words.txt: the input is larger than a list of words ever is: 100 records',
    ],
    [
      'it is larger than any such list',
      `one${' '.repeat(1000)}`,
      {},
      'INPUT_TOO_LARGE',
      `words.txt: the input is larger than a list of words ever is: ${1000 / 2 ** 20} MiB`,
    ],
    ['a NUL stands in it', 'a\0b', {}, 'NUL_BYTE', 'words.txt: byte 1: a NUL byte has no place in a text'],
  ])('%s', async (_, text, options, code, message) => {
    const { error, log, store } = await importWords([file(text)], options)
    expect({ code: error?.code, exit: error?.exit, message: error?.message, log }).toEqual({
      code,
      exit: 65,
      message,
      log: [],
    })
    expect(error?.suggestions.length).toBeGreaterThan(0)
    expect((await activeSnapshot(store, 'offer'))?.id).toBe('former' in options ? 'offer-1' : undefined)
  })
})

test.each([
  ['a tenth is rejected', `${'one '.repeat(9)}bad`, {}],
  ['just the share that was allowed is rejected', 'one one one bad', { maxRejects: { percent: 25 } }],
  ['just the number that was allowed is rejected', 'one bad bad', { maxRejects: { count: 2 } }],
  ['there is no former one that its own reason could be about', 'one', { refusal: 'no more letters' }],
  ['a tenth is left', 'one', { former: { words: 10 } }],
  ['it is meant', 'one', { former: { words: 1000 }, allowShrink: true }],
  ['rows are only kept with a field left empty, under --strict', 'odd', { strict: true }],
  ['one of several main counts is there', 'one', { mainCount: ['none', 'words'] }],
])('it is imported when %s', async (_, text, options) => {
  expect((await importWords([file(text)], options)).error).toBeUndefined()
})

test('limits are those of all files together', async () => {
  const half = 'one '.repeat(60)
  expect((await importWords([file(half)])).error).toBeUndefined()
  expect((await importWords([file(half), file(half)])).error?.code).toBe('INPUT_TOO_LARGE')
  const wide = `one${' '.repeat(600)}`
  expect((await importWords([file(wide)])).error).toBeUndefined()
  expect((await importWords([file(wide), file(wide)])).error?.code).toBe('INPUT_TOO_LARGE')
})

test('with several main counts none may shrink', async () => {
  const options = { mainCount: ['words', 'letters'], former: { words: 1, letters: 1000 } }
  expect((await importWords([file('one')], options)).error?.message).toBe(
    'the input has 3 letters, offer-1 has 1000: it looks cut off; nothing was imported',
  )
})

test('a dry run ends before anything is written', async () => {
  const { result, log, store } = await importWords([file('one')], { dryRun: true })
  expect(result).toMatchObject({ dryRun: true, snapshot: { id: 'offer-1', active: false } })
  expect(log).toEqual(['checked'])
  expect(await activeSnapshot(store, 'offer')).toBeUndefined()
})

test('every defect is handed on, also beyond the samples', async () => {
  const seen: string[] = []
  const { result } = await importWords([file('one bad bad bad bad bad')], {
    maxRejects: { percent: 100 },
    onDefect: ({ reason }) => seen.push(reason),
  })
  expect(seen).toHaveLength(5)
  expect(result?.samples).toHaveLength(3)
})

describe('an import that another one came before while it was read', () => {
  const another = (words: number) => (store: Store) =>
    addSnapshot(store, newSnapshot('offer', { words }), () => undefined)

  test('is compared with that one', async () => {
    const { error, log, store } = await importWords([file('one')], { between: another(11) })
    expect(error?.message).toBe(
      'the input has 1 words, offer-1 has 11: it looks cut off; nothing was imported',
    )
    expect(log).toEqual(['checked'])
    expect(await listSnapshots(store, 'offer')).toHaveLength(1)
  })

  test('takes its place where nothing speaks against it', async () => {
    const { result, log } = await importWords([file('one')], { former: { words: 1 }, between: another(10) })
    expect([result?.former?.id, result?.snapshot.id, result?.snapshot.active]).toEqual([
      'offer-2',
      'offer-3',
      true,
    ])
    expect(log).toEqual(['checked', 'write'])
  })
})
