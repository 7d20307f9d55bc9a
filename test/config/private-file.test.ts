import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPrivateFile, writePrivateFile } from '../../src/lib/config/private-file.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

const uid = process.getuid?.()

function fileWith(mode: number, folderMode = 0o700): string {
  const folder = join(temporaryFolder(), 'f')
  mkdirSync(folder)
  const path = join(folder, 'c.json')
  writeFileSync(path, 'text')
  chmodSync(path, mode)
  chmodSync(folder, folderMode)
  return path
}

test.each([0o600, 0o400])('a file with mode %o is read', (mode) => {
  expect(readPrivateFile(fileWith(mode), uid)).toBe('text')
})

test.each([0o640, 0o604, 0o644, 0o620, 0o601])('one with mode %o is not', async (mode) => {
  const path = fileWith(mode)
  expect(await failure(() => readPrivateFile(path, uid))).toMatchObject({
    code: 'CREDENTIALS_EXPOSED',
    exit: 6,
    message: `${path} can be read or written by others (mode 0${mode.toString(8)}); it is not read`,
    suggestions: [`Mend it: chmod 600 '${path}'`, expect.anything()],
  })
})

test('nor a link, a folder, or one in a folder where others can put another; in a sticky one they cannot', async () => {
  const path = fileWith(0o600)
  const link = join(temporaryFolder(), 'link')
  symlinkSync(path, link)
  expect((await failure(() => readPrivateFile(link, uid))).message).toContain('is a link')
  expect((await failure(() => readPrivateFile(join(path, '..'), uid))).message).toContain('is no file')
  const open = fileWith(0o600, 0o777)
  expect((await failure(() => readPrivateFile(open, uid))).message).toContain(
    'in a folder that everybody can write to',
  )
  expect(readPrivateFile(fileWith(0o600, 0o1777), uid)).toBe('text')
})

test.skipIf(uid !== 0)('nor one of somebody else (needs root to make one)', async () => {
  const path = fileWith(0o600)
  chownSync(path, 12_345, 12_345)
  expect((await failure(() => readPrivateFile(path, uid))).message).toContain('belongs to somebody else')
})

test('one that is missing is none', () => {
  expect(readPrivateFile(join(temporaryFolder(), 'none'), uid)).toBeUndefined()
})

test('a file is written for this user alone, whatever the umask, and never through a link', () => {
  const folder = join(temporaryFolder(), 'new', 'ozgctl')
  const path = join(folder, 'c.json')
  const former = process.umask(0)
  try {
    writePrivateFile(path, 'one')
  } finally {
    process.umask(former)
  }
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const elsewhere = join(temporaryFolder(), 'theirs')
  writeFileSync(elsewhere, 'theirs')
  symlinkSync(elsewhere, `${path}.new`)
  writePrivateFile(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(readFileSync(elsewhere, 'utf8')).toBe('theirs')
})
