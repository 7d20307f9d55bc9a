import { describe, expect, test } from 'vitest'
import { resolveCredentials } from '../../src/lib/config/credentials.ts'
import { checkedUrl } from '../../src/lib/config/profiles.ts'
import { isProtected, isProtectedWeb } from '../../src/lib/config/protected.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

const source = () => ({
  env: { OZGCTL_X_CLIENT_ID: 'id', OZGCTL_X_CLIENT_SECRET: 'a-secret-of-x' },
  home: temporaryFolder(),
})

describe.each([
  'https://portal.example.de',
  'http://127.0.0.1:8080',
  'http://127.1',
  'http://localhost',
  'http://LOCALHOST:1',
  'http://[::1]:8080',
  'sftp://files.example.de',
  'smtp://mail.example.de',
  'smtps://mail.example.de',
])('%s', (text) => {
  test('gets credentials, from a login as well as from the environment', async () => {
    const url = new URL(text)
    expect(isProtected(url)).toBe(true)
    expect(checkedUrl('x', text).href).toBe(url.href)
    const found = await resolveCredentials({ name: 'x', url, helper: undefined }, source(), undefined)
    expect(found.clientSecret.reveal()).toBe('a-secret-of-x')
  })
})

describe.each([
  'http://portal.example.de',
  'http://127.0.0.2',
  'http://127.0.0.1.example.de',
  'http://localhost.example.de',
  'http://xlocalhost',
  'http://[::2]',
  'http://[::ffff:127.0.0.1]',
  'http://0.0.0.0',
  'http://10.0.0.1',
  'tcp://127.0.0.1:1',
  'ftp://127.0.0.1',
  'ws://127.0.0.1',
])('%s', (text) => {
  test('gets none, and nobody is asked for them', async () => {
    const url = new URL(text)
    expect(isProtected(url)).toBe(false)
    expect(await failure(() => checkedUrl('x', text))).toMatchObject({ code: 'PROFILE_INVALID', exit: 64 })
    const asking = { name: 'x', url, helper: 'there-is-no-such-helper' }
    expect(await failure(() => resolveCredentials(asking, source(), undefined))).toMatchObject({
      code: 'CREDENTIALS_UNPROTECTED',
      exit: 6,
      message: `the credentials of x are not sent to ${url.protocol}//${url.host}: others could read them`,
      suggestions: ['They go by https only, or by http to this machine: name its https address.'],
    })
  })
})

test('a proxy elsewhere reads what goes to this machine by http, and nothing that is encrypted', async () => {
  const here = new URL('http://127.0.0.1:8080')
  const [elsewhere, local] = [new URL('http://proxy.example.de:3128'), new URL('http://localhost:3128')]
  expect([isProtected(here, elsewhere), isProtected(here, local)]).toEqual([false, true])
  expect(isProtected(new URL('https://portal.example.de'), elsewhere)).toBe(true)
  const asking = { name: 'x', url: here, helper: undefined, proxy: elsewhere }
  expect((await failure(() => resolveCredentials(asking, source(), undefined))).message).toBe(
    'the credentials of x are not sent to http://127.0.0.1:8080 through proxy.example.de:3128: others could read them',
  )
})

test('an address of the web is one of the web', () => {
  const web = ['https://a.example', 'http://[::1]/x', 'sftp://a.example', 'http://a.example']
  expect(web.map((text) => isProtectedWeb(new URL(text)))).toEqual([true, true, false, false])
})
