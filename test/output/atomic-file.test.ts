import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AtomicFile, abortUnfinishedFiles, writeFileAtomically } from '../../src/lib/output/atomic-file.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'

test('a file appears whole, with nothing beside it', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'report.csv')
  const text = 'Osnabrück;1\n'.repeat(50_000)
  writeFileAtomically(path, text)
  expect(readFileSync(path, 'utf8')).toBe(text)
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

test('until it is committed, the former file is there, and after it the new one with the same mode', () => {
  const path = temporaryFile('report.csv', 'former')
  chmodSync(path, 0o600)
  const file = new AtomicFile(path)
  file.write('new'.repeat(100_000))
  expect(readFileSync(path, 'utf8')).toBe('former')
  file.commit()
  expect(readFileSync(path, 'utf8')).toBe('new'.repeat(100_000))
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a file that is given up leaves the former one and nothing else', () => {
  const path = temporaryFile('report.csv', 'former')
  const file = new AtomicFile(path)
  file.write('new')
  file.abort()
  file.abort()
  expect(readdirSync(join(path, '..'))).toEqual(['report.csv'])
  expect(readFileSync(path, 'utf8')).toBe('former')
})

test('what is unfinished when the process ends is taken away; what is committed stays', () => {
  const folder = temporaryFolder()
  const done = new AtomicFile(join(folder, 'done'))
  done.commit()
  new AtomicFile(join(folder, 'one')).write('x'.repeat(1 << 17))
  new AtomicFile(join(folder, 'two')).write('x')
  abortUnfinishedFiles()
  expect(readdirSync(folder)).toEqual(['done'])
})

test('two writers of one file do not mix: the last to finish wins, whole', () => {
  const path = join(temporaryFolder(), 'report.csv')
  const first = new AtomicFile(path)
  const second = new AtomicFile(path)
  first.write('first'.repeat(50_000))
  second.write('second'.repeat(50_000))
  first.commit()
  expect(readFileSync(path, 'utf8')).toBe('first'.repeat(50_000))
  second.commit()
  expect(readFileSync(path, 'utf8')).toBe('second'.repeat(50_000))
  expect(readdirSync(join(path, '..'))).toEqual(['report.csv'])
})

test('a symbolic link stays one; the file that it names is replaced', () => {
  const target = temporaryFile('target.csv', 'former')
  const link = join(target, '..', 'link.csv')
  symlinkSync(target, link)
  writeFileAtomically(link, 'new')
  expect(readFileSync(target, 'utf8')).toBe('new')
  expect(readdirSync(join(target, '..'))).toEqual(['link.csv', 'target.csv'])
})

test('a pipe is written, not replaced', async () => {
  const path = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  // A reader that is there already.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  onTestFinished(() => closeSync(reader))
  writeFileAtomically(path, 'through the pipe')
  const read = Buffer.alloc(100)
  expect(read.toString('utf8', 0, readSync(reader, read))).toBe('through the pipe')
  expect(statSync(path).isFIFO()).toBe(true)
})

describe('what cannot be written is told with its cause before any work is done', () => {
  test('no folder', async () => {
    const path = join(temporaryFolder(), 'missing', 'report.csv')
    expect(await failure(() => new AtomicFile(path))).toMatchObject({
      code: 'OUTPUT_FAILED',
      exit: 74,
      message: `${path} cannot be written: its folder does not exist`,
      suggestions: ['Make the folder, or name another file.'],
    })
    expect(existsSync(join(path, '..'))).toBe(false)
  })

  test('a folder of that name', async () => {
    const path = join(temporaryFolder(), 'report')
    mkdirSync(path)
    expect((await failure(() => new AtomicFile(path))).message).toBe(
      `${path} cannot be written: it is a folder`,
    )
    expect(readdirSync(join(path, '..'))).toEqual(['report'])
  })

  test('a file where the folder should be', async () => {
    const path = join(temporaryFile('report', ''), 'x')
    expect((await failure(() => new AtomicFile(path))).message).toBe(
      `${path} cannot be written: its folder is a file`,
    )
  })
})

test('a full device is told, and the device is still one', async () => {
  const error = await failure(() => writeFileAtomically('/dev/full', 'x'))
  expect(error).toMatchObject({
    exit: 74,
    message: '/dev/full cannot be written: the disk is full',
    suggestions: ['Make room on the disk and repeat.'],
  })
  expect(statSync('/dev/full').isCharacterDevice()).toBe(true)
})

test('a file whose folder goes away before the end is told', async () => {
  const folder = temporaryFolder()
  const file = new AtomicFile(join(folder, 'report.csv'))
  rmSync(folder, { recursive: true })
  expect(await failure(() => file.commit())).toMatchObject({
    exit: 74,
    message: `${folder}/report.csv cannot be written: its folder does not exist`,
  })
})

test('a new file gives no rights that are denied, whatever the umask; a former one keeps its own', () => {
  const path = join(temporaryFolder(), 'config.yaml')
  const former = process.umask(0o002)
  try {
    writeFileAtomically(path, 'one', 0o022)
    expect(statSync(path).mode & 0o777).toBe(0o644)
    chmodSync(path, 0o664)
    writeFileAtomically(path, 'two', 0o022)
    expect(statSync(path).mode & 0o777).toBe(0o664)
  } finally {
    process.umask(former)
  }
})
