import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  credentialFile,
  eraseCredentials,
  resolveCredentials,
  storeCredentials,
} from '../../src/lib/config/credentials.ts'
import { askHelper } from '../../src/lib/config/helper.ts'
import type { Profile } from '../../src/lib/config/profiles.ts'
import { Secret } from '../../src/lib/config/secret.ts'
import type { ConfigSource } from '../../src/lib/config/source.ts'
import { writeProfile } from '../../src/lib/config/write-profile.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

const uid = process.getuid?.()
const PROFILE: Pick<Profile, 'name' | 'url' | 'helper'> = {
  name: 'test',
  url: new URL('https://portal.example.de'),
  helper: undefined,
}
const json = (clientSecret: string) => JSON.stringify({ clientId: 'id', clientSecret })

function privateFile(text: string, name = 'file'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** A source with a helper `vault` on its path that runs this shell script. */
function withHelper(script: string): ConfigSource {
  const folder = temporaryFolder()
  const path = join(folder, 'ozgctl-credential-vault')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return { env: { PATH: `${folder}:${process.env.PATH}`, OUT: join(folder, 'out') }, home: temporaryFolder() }
}

const vault = { ...PROFILE, helper: 'vault' }

test('the first source that has them counts', async () => {
  const helper = withHelper(`cat > /dev/null; echo '${json('from helper')}'`)
  const named = privateFile(json('from file'))
  const systemd = privateFile(json('from systemd'), 'test')
  await storeCredentials(PROFILE, 'id', new Secret('from store'), helper, uid)
  const all = {
    ...helper.env,
    OZGCTL_TEST_CREDENTIALS_FILE: named,
    CREDENTIALS_DIRECTORY: join(systemd, '..'),
    OZGCTL_TEST_CLIENT_ID: 'id',
    OZGCTL_TEST_CLIENT_SECRET: 'from environment',
  }
  const secretWith = async (env: ConfigSource['env'], profile: typeof PROFILE = vault) =>
    (await resolveCredentials(profile, { env, home: helper.home }, uid)).clientSecret.reveal()
  expect(await secretWith(all)).toBe('from file')
  expect(await secretWith({ ...all, OZGCTL_TEST_CREDENTIALS_FILE: undefined })).toBe('from systemd')
  const noFile = { ...all, OZGCTL_TEST_CREDENTIALS_FILE: undefined, CREDENTIALS_DIRECTORY: undefined }
  expect(await secretWith(noFile)).toBe('from environment')
  expect(await secretWith(helper.env)).toBe('from helper')
  expect(await secretWith(helper.env, PROFILE)).toBe('from store')
})

test('none at all says how to log in', async () => {
  const source = { env: {}, home: temporaryFolder() }
  expect(await failure(() => resolveCredentials(PROFILE, source, uid))).toMatchObject({
    code: 'NOT_LOGGED_IN',
    exit: 6,
    suggestions: ['Run: ozgctl auth login test'],
  })
})

test('stored ones are found again, beside those of others, and erased', async () => {
  const source = { env: {}, home: temporaryFolder() }
  const other = { ...PROFILE, name: 'other' }
  await storeCredentials(PROFILE, 'a', new Secret('one'), source, uid)
  await storeCredentials(other, 'b', new Secret('two'), source, uid)
  await storeCredentials(PROFILE, 'a', new Secret('three'), source, uid)
  const found = await resolveCredentials(PROFILE, source, uid)
  expect(found).toMatchObject({ clientId: 'a', from: { kind: 'store', path: credentialFile(source) } })
  expect(found.clientSecret.reveal()).toBe('three')
  expect(await eraseCredentials(PROFILE, source, uid)).toMatchObject({ kind: 'store' })
  expect(await eraseCredentials(PROFILE, source, uid)).toBeUndefined()
  expect((await resolveCredentials(other, source, uid)).clientSecret.reveal()).toBe('two')
})

test('a file that others can read is refused, and what it holds is not shown', async () => {
  const path = privateFile(json('hunter2'))
  chmodSync(path, 0o644)
  const source = { env: { OZGCTL_TEST_CREDENTIALS_FILE: path }, home: temporaryFolder() }
  const error = await failure(() => resolveCredentials(PROFILE, source, uid))
  expect(error).toMatchObject({ code: 'CREDENTIALS_EXPOSED', exit: 6 })
  const garbled = { ...source, env: { OZGCTL_TEST_CREDENTIALS_FILE: privateFile('hunter2') } }
  const invalid = await failure(() => resolveCredentials(PROFILE, garbled, uid))
  expect(invalid.code).toBe('CREDENTIALS_INVALID')
  expect(invalid.message).not.toContain('hunter2')
})

test('a helper is told what to do by JSON on its standard input', async () => {
  const source = withHelper('echo "$1" > "$OUT"; cat >> "$OUT"')
  await storeCredentials(vault, 'id', new Secret('s'), source, uid)
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(String(source.env.OUT), 'utf8')).toBe(
    'store\n{"profile":"test","url":"https://portal.example.de/","clientId":"id","clientSecret":"s"}\n',
  )
  await eraseCredentials(vault, source, uid)
  expect(readFileSync(String(source.env.OUT), 'utf8')).toBe(
    'erase\n{"profile":"test","url":"https://portal.example.de/"}\n',
  )
})

test.each([
  ['exit 3', 'ended with 3: ', undefined],
  ['echo no such entry >&2; exit 1', 'ended with 1: no such entry', undefined],
  ['exec sleep 1000', 'gave no answer of a usual length in time', 100],
  ['yes', 'gave no answer of a usual length in time', undefined],
  ['yes >&2', 'gave no answer of a usual length in time', 100],
])('a helper that does %j is told', async (script, message, deadlineMs) => {
  const source = withHelper(script)
  const error = await failure(() => askHelper('vault', 'get', {}, source, deadlineMs))
  expect(error).toMatchObject({ code: 'HELPER_FAILED', exit: 6 })
  expect(error.message).toContain(`ozgctl-credential-vault ${message}`)
})

test('a helper is ended when all time is over, be it before or while it thinks', async () => {
  const source = withHelper('echo > "$OUT"; exec sleep 1000')
  const before = { ...source, signal: AbortSignal.abort() }
  const end = new AbortController()
  const asked = failure(() => askHelper('vault', 'get', {}, { ...source, signal: end.signal }, 1 << 30))
  while (!existsSync(String(source.env.OUT))) await setImmediate()
  end.abort()
  for (const error of [await asked, await failure(() => askHelper('vault', 'get', {}, before, 1 << 30))])
    expect(error.message).toContain('gave no answer of a usual length in time')
})

test('one that answers nonsense, is missing, or has no name, too', async () => {
  const garbled = withHelper('cat > /dev/null; echo hunter2')
  const invalid = await failure(() => resolveCredentials(vault, garbled, uid))
  expect(invalid).toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(invalid.message).not.toContain('hunter2')
  const empty = temporaryFolder()
  mkdirSync(join(empty, 'bin'))
  const missing = { env: { PATH: join(empty, 'bin') }, home: empty }
  expect((await failure(() => askHelper('vault', 'get', {}, missing))).message).toContain(
    'cannot be run (ENOENT)',
  )
  expect((await failure(() => askHelper('../x', 'get', {}, missing))).message).toContain(
    'is no name of a program',
  )
})

test('stored ones go to the address that they were checked with, and to no other', async () => {
  const source = { env: {}, home: temporaryFolder() }
  await storeCredentials(PROFILE, 'id', new Secret('s'), source, uid)
  const moved = { ...PROFILE, url: new URL('https://elsewhere.example') }
  expect(await failure(() => resolveCredentials(moved, source, uid))).toMatchObject({
    code: 'NOT_LOGGED_IN',
    message: 'the credentials of test are for https://portal.example.de, not https://elsewhere.example',
  })
})

test('who moves to a helper leaves nothing behind', async () => {
  const source = withHelper('cat > /dev/null')
  await storeCredentials(PROFILE, 'id', new Secret('s'), source, uid)
  await storeCredentials(vault, 'id', new Secret('s'), source, uid)
  expect(await failure(() => resolveCredentials(PROFILE, source, uid))).toMatchObject({
    code: 'NOT_LOGGED_IN',
  })
})

test('half of a pair in the environment is told, and nothing else is used in its place', async () => {
  const source = { env: { OZGCTL_TEST_CLIENT_SECRET: 's' }, home: temporaryFolder() }
  expect(await failure(() => resolveCredentials(PROFILE, source, uid))).toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: 'OZGCTL_TEST_CLIENT_ID and OZGCTL_TEST_CLIENT_SECRET belong together, and one is missing',
  })
})

test('systemd hands files over to the group of a unit; to a file that is named this does not apply', async () => {
  const path = privateFile(json('s'), 'test')
  chmodSync(path, 0o440)
  const home = temporaryFolder()
  const systemd = { env: { CREDENTIALS_DIRECTORY: join(path, '..') }, home }
  expect((await resolveCredentials(PROFILE, systemd, uid)).clientSecret.reveal()).toBe('s')
  const named = { env: { OZGCTL_TEST_CREDENTIALS_FILE: path }, home }
  expect(await failure(() => resolveCredentials(PROFILE, named, uid))).toMatchObject({
    code: 'CREDENTIALS_EXPOSED',
  })
})

test('a helper comes from no folder that is relative, and learns no secret from the environment', async () => {
  const source = withHelper('cat > /dev/null; env > "$OUT"')
  const env: ConfigSource['env'] = { ...source.env, OZGCTL_OTHER_CLIENT_SECRET: 'hunter2' }
  await askHelper('vault', 'erase', {}, { ...source, env })
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(String(env.OUT), 'utf8')).not.toContain('hunter2')
  const relative = { env: { PATH: '.:bin' }, home: source.home }
  expect((await failure(() => askHelper('vault', 'get', {}, relative))).message).toContain('cannot be run')
})

describe('what a killed process left behind', () => {
  const begun = 'credentials.json.01234567-89ab-4cde-8f01-23456789abcd.new'
  const others = [
    'credentials.json.bak',
    'credentials.json.new',
    `x${begun}`,
    `${begun}.txt`,
    'other.json.01234567-89ab-4cde-8f01-23456789abcd.new',
  ]

  /** Settings with one profile logged in, that file, and files of others with names much like it. */
  async function withLeftover() {
    const source = withHelper('cat > /dev/null')
    await storeCredentials(PROFILE, 'id', new Secret('s'), source, uid)
    const folder = join(credentialFile(source), '..')
    for (const name of [begun, ...others])
      writeFileSync(join(folder, name), json('left behind'), { mode: 0o600 })
    return {
      source,
      left: () =>
        readdirSync(folder)
          .filter((name) => name !== '.lock')
          .sort(),
    }
  }

  test.each([
    ['a login', (source: ConfigSource) => storeCredentials(PROFILE, 'id', new Secret('n'), source, uid)],
    [
      'a login that a helper keeps',
      (source: ConfigSource) => storeCredentials(vault, 'id', new Secret('n'), source, uid),
    ],
    ['a logout', (source: ConfigSource) => eraseCredentials(PROFILE, source, uid)],
    [
      'a logout of who is not logged in',
      (source: ConfigSource) => eraseCredentials({ ...PROFILE, name: 'other' }, source, uid),
    ],
  ])('goes with %s; what others put there stays', async (_what, work) => {
    const { source, left } = await withLeftover()
    await work(source)
    expect(left()).toEqual(['credentials.json', ...others].sort())
  })

  test.skipIf(uid !== 0)('stays where it is of somebody else (needs root to make one)', async () => {
    const { source, left } = await withLeftover()
    chownSync(join(credentialFile(source), '..', begun), 12_345, 12_345)
    await eraseCredentials(PROFILE, source, uid)
    expect(left()).toContain(begun)
  })
})

test('a logout where nothing is kept makes no folder', async () => {
  const source = { env: {}, home: temporaryFolder() }
  expect(await eraseCredentials(PROFILE, source, uid)).toBeUndefined()
  expect(readdirSync(source.home)).toEqual([])
})

test('nothing is written where it would not be read', async () => {
  const source = { env: {}, home: temporaryFolder() }
  const folder = join(credentialFile(source), '..')
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  for (const write of [
    () => storeCredentials(PROFILE, 'id', new Secret('s'), source, uid),
    () => writeProfile('test', { url: 'https://portal.example.de' }, source),
  ])
    expect(await failure(write)).toMatchObject({
      code: 'CREDENTIALS_EXPOSED',
      exit: 6,
      message: expect.stringMatching(
        / is in a folder that everybody can write to \(mode 0777\); it is not written$/,
      ),
      suggestions: [`Mend it: chmod 700 '${folder}'`, expect.anything()],
    })
  expect(readdirSync(folder)).toEqual([])
})
