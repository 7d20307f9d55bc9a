import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { profileFile, profileNames, resolveProfile } from '../../src/lib/config/profiles.ts'
import type { ConfigSource } from '../../src/lib/config/source.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { problemsOf } from '../support/tenant.ts'

function sourceWith(text: string | undefined, env: ConfigSource['env'] = {}): ConfigSource {
  const source = { env, home: temporaryFolder() }
  if (text === undefined) return source
  mkdirSync(join(profileFile(source), '..'), { recursive: true })
  writeFileSync(profileFile(source), text)
  return source
}

const TWO = `profiles:
  test-nord:
    driver: liferay
    url: https://portal.example.de
    layout: instance
    batchImport: true
    caFile: /etc/ca.pem
    credentials: {helper: vault}
  prod: {url: https://prod.example.de}
`

test('a profile in full, and one with what holds where nothing is said', async () => {
  const source = sourceWith(TWO)
  expect(await profileNames(source)).toEqual(['prod', 'test-nord'])
  expect(await resolveProfile('test-nord', source)).toEqual({
    name: 'test-nord',
    url: new URL('https://portal.example.de'),
    layout: 'instance',
    siteTemplate: undefined,
    batchImport: true,
    caFile: '/etc/ca.pem',
    helper: 'vault',
  })
  expect(await resolveProfile('prod', source)).toMatchObject({ layout: 'site', batchImport: false })
})

test('the environment wins field by field, and can be all there is', async () => {
  const env = {
    OZGCTL_TEST_NORD_LAYOUT: 'organization',
    OZGCTL_CI_URL: 'http://127.0.0.1:8080',
    OZGCTL_PROD_URL: '',
  }
  const source = sourceWith(TWO, env)
  expect(await resolveProfile('test-nord', source)).toMatchObject({ layout: 'organization', helper: 'vault' })
  expect(await resolveProfile('prod', source)).toMatchObject({ url: new URL('https://prod.example.de') })
  expect(await resolveProfile('ci', source)).toMatchObject({ layout: 'site' })
})

test('an unknown name is told with those that are near', async () => {
  expect(await failure(() => resolveProfile('pro', sourceWith(TWO)))).toMatchObject({
    code: 'PROFILE_UNKNOWN',
    exit: 64,
    suggestions: ['Did you mean prod?', 'Make it: ozgctl auth login pro --url https://…'],
  })
  expect(await profileNames(sourceWith(undefined))).toEqual([])
})

test('XDG_CONFIG_HOME is kept to, unless it is relative', () => {
  expect(profileFile({ env: { XDG_CONFIG_HOME: '/x' }, home: '/h' })).toBe('/x/ozgctl/config.yaml')
  expect(profileFile({ env: { XDG_CONFIG_HOME: 'x' }, home: '/h' })).toBe('/h/.config/ozgctl/config.yaml')
})

test.each([
  'http://portal.example.de',
  'https://me:secret@portal.example.de',
  'portal.example.de',
  'ftp://portal.example.de',
  'http://127.0.0.1.example.de',
  'https://portal.example.de/path',
])('credentials are never sent to %s', async (url) => {
  const source = sourceWith(undefined, { OZGCTL_X_URL: url })
  const error = await failure(() => resolveProfile('x', source))
  expect(error).toMatchObject({ code: 'PROFILE_INVALID', exit: 64 })
  expect(error.message).not.toContain('secret')
})

test('what is wrong with the file is told with its place; a secret in it is not shown', async () => {
  const text = `profiles:
  a: {url: [x], layout: sites, batchImport: maybe}
  b: {url: https://b.example.de, clientSecret: hunter2}
  c: {url: https://c.example.de, credentials: {helpr: vault}}
profile: {}
`
  const source = sourceWith(text)
  expect(await problemsOf(() => profileNames(source))).toEqual([
    '5:1 profile field-unknown',
    '2:25 profiles.a.layout value-unknown',
    '2:45 profiles.a.batchImport wrong-type',
    '2:12 profiles.a.url wrong-type',
    '3:34 profiles.b.clientSecret field-unknown',
    '4:48 profiles.c.credentials.helpr field-unknown',
  ])
  const error = await failure(() => profileNames(source))
  expect(error.message).toContain('Secrets do not belong into this file.')
  expect(error.message).not.toContain('hunter2')
})

test('a file of remarks holds no profile; one that others can write is not read', async () => {
  const source = sourceWith('# nothing yet\n')
  expect(await profileNames(source)).toEqual([])
  chmodSync(profileFile(source), 0o666)
  expect(await failure(() => profileNames(source))).toMatchObject({ code: 'CONFIG_EXPOSED', exit: 6 })
})
