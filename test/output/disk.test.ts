import { readdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writePrivateFile } from '../../src/lib/config/private-file.ts'
import { AtomicFile } from '../../src/lib/output/atomic-file.ts'
import {
  type Disk,
  type Files,
  moveIntoPlace,
  writeAll,
  writeAllTo,
  writeWholeFile,
} from '../../src/lib/output/disk.ts'
import { failure } from '../support/failure.ts'
import { faultyDisk } from '../support/faulty-disk.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'

const TEXT = 'Größe;Wert\n'.repeat(9_000)

const WRITERS = [
  [
    'a report',
    (path: string, text: string, disk: Disk) => {
      const file = new AtomicFile(path, 0, disk)
      file.write(text)
      file.commit()
    },
  ],
  ['a file with secrets', writePrivateFile],
] as const

describe.each(WRITERS)('%s', (_name, write) => {
  test.each([1, 7, 4096])('is whole where a call takes %i bytes', (perCall) => {
    const path = temporaryFile('f', 'former')
    write(path, TEXT, faultyDisk({ perCall }).disk)
    expect(readFileSync(path, 'utf8')).toBe(TEXT)
    expect(readdirSync(dirname(path))).toEqual(['f'])
  })

  test.each([0, 1, 4096, 98_999])('stays as it was where the disk has room for %i bytes', async (room) => {
    const path = temporaryFile('f', 'former')
    expect(await failure(() => write(path, TEXT, faultyDisk({ room }).disk))).toMatchObject({
      code: 'OUTPUT_FAILED',
      exit: 74,
      message: expect.stringMatching(/f cannot be written: the disk is full$/),
    })
    expect(readFileSync(path, 'utf8')).toBe('former')
    expect(readdirSync(dirname(path))).toEqual(['f'])
  })

  test('is synced before it gets its name, and its folder after it', () => {
    const path = join(temporaryFolder(), 'f')
    const { disk, calls } = faultyDisk()
    write(path, 'new', disk)
    const temporary = calls[0]?.slice('write '.length)
    expect(temporary).not.toBe(path)
    expect(calls).toEqual([
      `write ${temporary}`,
      `sync ${temporary}`,
      `rename ${temporary} ${path}`,
      `sync ${dirname(path)}`,
    ])
  })
})

test('a disk that takes nothing and gives no reason is not asked for ever', async () => {
  expect(() => writeAll(1, Buffer.from('x'), { write: () => 0 })).toThrow('nothing was written')
  await expect(writeAllTo({ write: async () => ({ bytesWritten: 0 }) }, Buffer.from('x'))).rejects.toThrow(
    'nothing was written',
  )
})

test('a pipe that is full is waited for', () => {
  const taken: string[] = []
  let full = 3
  const write = (_fd: number, bytes: Uint8Array) => {
    if (full-- > 0) throw Object.assign(new Error('again'), { code: 'EAGAIN' })
    taken.push(String(Buffer.from(bytes.subarray(0, 2))))
    return Math.min(2, bytes.length)
  }
  writeAll(1, Buffer.from('abcde'), { write })
  expect(taken).toEqual(['ab', 'cd', 'e'])
})

test('all bytes go through a handle that takes one at a time', async () => {
  let written = ''
  const write = async (bytes: Uint8Array) => {
    written += String.fromCharCode(bytes[0] ?? 0)
    return { bytesWritten: 1 }
  }
  await writeAllTo({ write }, Buffer.from('one by one'))
  expect(written).toBe('one by one')
})

test.each(['EINVAL', 'ENOTSUP', 'EACCES'])(
  'a folder that cannot be synced (%s) keeps no file from its name; a fault of the disk is told',
  async (code) => {
    const path = temporaryFile('f', 'former')
    const { disk } = faultyDisk()
    const failing = (what: string): Disk => ({
      ...disk,
      sync: () => {
        throw Object.assign(new Error(what), { code: what })
      },
    })
    moveIntoPlace(temporaryFile('t', 'new'), path, failing(code))
    expect(readFileSync(path, 'utf8')).toBe('new')
    await expect(async () => moveIntoPlace(temporaryFile('t', ''), path, failing('EIO'))).rejects.toThrow(
      'EIO',
    )
  },
)

describe('a file from parts that arrive over time', () => {
  async function* parts(end?: Error) {
    for (let at = 0; at < 3; at++) yield Buffer.from(`part ${at};`)
    if (end !== undefined) throw end
  }

  test('is there when the last one is', async () => {
    const path = temporaryFile('f', 'former')
    await writeWholeFile(path, `${path}.part`, parts())
    expect(readFileSync(path, 'utf8')).toBe('part 0;part 1;part 2;')
    expect(readdirSync(dirname(path))).toEqual(['f'])
  })

  test('is synced before it gets its name, and its folder after it', async () => {
    const path = temporaryFile('f', 'former')
    const calls: string[] = []
    const files: Files = {
      open: async (name, flags, mode) => {
        const handle = await open(name, flags, mode)
        return {
          write: async (bytes) => {
            calls.push(`write ${bytes.length} to ${name}`)
            return handle.write(bytes)
          },
          sync: async () => {
            calls.push(`sync ${name}`)
            await handle.sync()
          },
          close: () => handle.close(),
        }
      },
      rename: async (from, to) => {
        calls.push(`rename ${from} ${to}`)
        await rename(from, to)
      },
    }
    await writeWholeFile(path, `${path}.part`, parts(), files)
    expect(calls).toEqual([
      `write 7 to ${path}.part`,
      `write 7 to ${path}.part`,
      `write 7 to ${path}.part`,
      `sync ${path}.part`,
      `rename ${path}.part ${path}`,
      `sync ${dirname(path)}`,
    ])
    expect(readFileSync(path, 'utf8')).toBe('part 0;part 1;part 2;')
  })

  test('is not when one fails: the former stays, and nothing beside it', async () => {
    const path = temporaryFile('f', 'former')
    await expect(writeWholeFile(path, `${path}.part`, parts(new Error('cut off')))).rejects.toThrow('cut off')
    expect(readFileSync(path, 'utf8')).toBe('former')
    expect(readdirSync(dirname(path))).toEqual(['f'])
  })
})
