import type { AcceptConnection, Connection, Session, SFTPWrapper } from 'ssh2'
import { describe, expect, test } from 'vitest'
import { sftp } from '../../../src/lib/connector/kinds/sftp.ts'
import { hostKeyOf } from '../../../src/lib/connector/ssh-policy.ts'
import { deadOrigin } from '../../support/fault-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { fakeSftp, newKey, rsaKey } from '../../support/sftp-server.ts'
import { openSshd, sshdProgram } from '../../support/sshd.ts'
import { pour, talkServer } from '../../support/talk-server.ts'

type CheckOptions = Partial<Parameters<typeof checkOf>[1]>
const check = (host: string, path: string, options: CheckOptions) =>
  checkOf(sftp, { url: `sftp://${host}${path}`, ...options })

describe(`OpenSSH${sshdProgram.note}`, () => {
  const it = test.skipIf(sshdProgram.missing)
  type Server = Awaited<ReturnType<typeof openSshd>>
  const settingsOf = ({ fingerprint, user }: Server) => ({ hostKey: fingerprint, user, keyFile: 'key' })
  const withKey = (server: Server, path: string, settings: object = {}) =>
    check(server.host, path, { settings: { ...settingsOf(server), ...settings }, files: { key: server.key } })

  it('the folder is there and can be listed', async () => {
    const server = await openSshd()
    const report = await withKey(server, server.folder)
    expect(unmetOf(report)).toEqual([])
    expect(statusOf(report)).toBe('ok')
    const seen = Object.fromEntries(conditionsOf(report).map(({ id, seen }) => [id, seen]))
    expect(seen).toEqual({
      banner: expect.stringMatching(/^SSH-2\.0-OpenSSH_/),
      'host-key': `${server.fingerprint} (ssh-ed25519)`,
      'host-key-strength': 'ssh-ed25519',
      algorithms: expect.stringMatching(/^curve25519-sha256.*, ssh-ed25519, /),
      login: 'taken',
      sftp: 'SFTP',
      folder: 'a folder',
      listing: 'a list',
    })
    expect(report.exchanges.map(({ name, failed }) => [name, failed])).toEqual([['session', null]])
  })

  it('no path is where one is after the log-in', async () => {
    expect(unmetOf(await withKey(await openSshd(), ''))).toEqual([])
  })

  it('a key that is encrypted is opened by the credentials', async () => {
    const { host, folder, fingerprint, user, encryptedKey, passphrase } = await openSshd()
    const options = { settings: { hostKey: fingerprint, user, keyFile: 'key' }, files: { key: encryptedKey } }
    const opened = await check(host, folder, { ...options, login: ['unused', passphrase] })
    expect(unmetOf(opened)).toEqual([])
    const locked = await check(host, folder, options)
    expect(statusOf(locked)).toBe('unknown')
    expect(locked.verdicts[0]?.summary).toBe('key is encrypted, and no passphrase is named')
    const wrong = await check(host, folder, { ...options, login: ['unused', 'wrong'] })
    expect(wrong.verdicts[0]?.summary).toBe('key holds no key that can be used')
  })

  it('a folder that is not there, or none', async () => {
    const server = await openSshd()
    expect(unmetOf(await withKey(server, `${server.folder}/none`))).toEqual(['folder: No such file'])
    expect(unmetOf(await withKey(server, `${server.folder}/a`))).toEqual([
      'folder: something else than a folder',
    ])
  })

  it('a key that it does not take', async () => {
    const { host, folder, fingerprint, user } = await openSshd()
    const report = await check(host, folder, {
      settings: { hostKey: fingerprint, user, keyFile: 'key' },
      files: { key: newKey() },
    })
    expect(unmetOf(report)).toEqual(['login: refused; it takes publickey'])
  })

  it('another key of the server than the known one ends it before the log-in', async () => {
    const server = await openSshd()
    const report = await withKey(server, server.folder, { hostKey: `SHA256:${'A'.repeat(43)}` })
    expect(unmetOf(report)).toEqual([`host-key: ${server.fingerprint} (ssh-ed25519)`])
    expect(conditionsOf(report).map(({ id }) => id)).toEqual(['banner', 'host-key'])
    const one = await withKey(server, server.folder, {
      hostKey: [`SHA256:${'A'.repeat(43)}`, server.fingerprint],
    })
    expect(unmetOf(one)).toEqual([])
  })

  it('a server without SFTP', async () => {
    const server = await openSshd(undefined, ['Subsystem sftp /bin/false'])
    expect(unmetOf(await withKey(server, server.folder))).toEqual([
      'sftp: Received exit code 1 while establishing SFTP session',
    ])
  })

  it('old algorithms and a short key are warnings', async () => {
    const server = await openSshd(
      ['-t', 'rsa', '-b', '2048'],
      [
        'KexAlgorithms diffie-hellman-group14-sha1',
        'HostKeyAlgorithms ssh-rsa',
        'Ciphers aes128-cbc',
        'MACs hmac-sha1',
      ],
    )
    const report = await withKey(server, server.folder)
    expect(unmetOf(report)).toEqual([
      'host-key-strength: ssh-rsa with 2048 bits',
      'algorithms: diffie-hellman-group14-sha1, ssh-rsa, aes128-cbc, hmac-sha1',
    ])
    expect(statusOf(report)).toBe('warning')
  })

  it('nothing in common', async () => {
    const { host } = await openSshd(undefined, ['Ciphers 3des-cbc'])
    expect(unmetOf(await check(host, '', {}))).toEqual(['algorithms: no matching C->S cipher'])
  })
})

const LOGIN = ['poststelle', 'secret'] as const

describe('passwords', () => {
  test('are sent to a server whose key is known', async () => {
    const { host, fingerprint, passwords } = await fakeSftp()
    const report = await check(host, '/', { login: LOGIN, settings: { hostKey: fingerprint } })
    expect(conditionsOf(report).find(({ id }) => id === 'login')?.met).toBe(true)
    expect(passwords).toEqual(['secret'])
  })

  test('are sent to no other', async () => {
    const { host, fingerprint, passwords } = await fakeSftp()
    const unknown = await check(host, '/', { login: LOGIN })
    expect(unmetOf(unknown)).toEqual([`host-key: ${fingerprint} (ecdsa-sha2-nistp256)`])
    expect(statusOf(unknown)).toBe('warning')
    const other = await check(host, '/', { login: LOGIN, settings: { hostKey: `SHA256:${'A'.repeat(43)}` } })
    expect(statusOf(other)).toBe('critical')
    expect(passwords).toEqual([])
  })

  test('that are wrong', async () => {
    const { host, fingerprint } = await fakeSftp()
    const report = await check(host, '/', {
      login: ['poststelle', 'wrong'],
      settings: { hostKey: fingerprint },
    })
    expect(unmetOf(report)).toEqual(['login: refused; it takes password'])
    expect(JSON.stringify(report)).not.toContain('wrong')
  })

  test('are given to a server that asks for them as a question, and to no other question', async () => {
    const asked: (readonly string[])[] = []
    const { host, fingerprint } = await fakeSftp({
      onClient: (client) => {
        client.removeAllListeners('authentication')
        client.on('authentication', (context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
          context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
            asked.push(answers)
            context.prompt(['Password: ', 'PIN: '], (more) => {
              asked.push(more)
              context.reject()
            })
          })
        })
      },
    })
    const report = await check(host, '/', { login: LOGIN, settings: { hostKey: fingerprint } })
    expect(unmetOf(report)).toEqual([expect.stringMatching(/^login: refused/)])
    expect(asked).toEqual([['secret'], []])
  })
})

describe('what a server can do wrong', () => {
  /** Takes everybody and every request for SFTP. */
  const withSftp = (serve: (sftp: SFTPWrapper) => void) => (client: Connection) => {
    client.on('session', (accept: AcceptConnection<Session>) => {
      accept().on('sftp', (acceptSftp) => serve(acceptSftp()))
    })
  }
  const served = async (serve: (sftp: SFTPWrapper) => void, timeoutMs = 20_000) => {
    const { host, fingerprint } = await fakeSftp({ onClient: withSftp(serve) })
    return check(host, '/eingang', { login: LOGIN, settings: { hostKey: fingerprint }, timeoutMs })
  }
  const folder = { mode: 0o040755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }

  test('it lets one see the folder and not what is in it', async () => {
    const report = await served((wrapper) => {
      wrapper.on('STAT', (id) => wrapper.attrs(id, folder))
      wrapper.on('OPENDIR', (id) => wrapper.status(id, 3))
    })
    expect(unmetOf(report)).toEqual(['listing: Permission denied'])
  })

  test('an empty folder is fine', async () => {
    const report = await served((wrapper) => {
      wrapper.on('STAT', (id) => wrapper.attrs(id, folder))
      wrapper.on('OPENDIR', (id) => wrapper.handle(id, Buffer.from('h')))
      wrapper.on('READDIR', (id) => wrapper.status(id, 1))
      wrapper.on('CLOSE', (id) => wrapper.status(id, 0))
    })
    expect(unmetOf(report)).toEqual([])
  })

  test('a folder without end is asked for one part', async () => {
    let parts = 0
    const report = await served((wrapper) => {
      wrapper.on('STAT', (id) => wrapper.attrs(id, folder))
      wrapper.on('OPENDIR', (id) => wrapper.handle(id, Buffer.from('h')))
      wrapper.on('READDIR', (id) => {
        parts++
        wrapper.name(
          id,
          Array.from({ length: 500 }, (_, at) => ({ filename: `f${at}`, longname: `f${at}`, attrs: folder })),
        )
      })
      wrapper.on('CLOSE', (id) => wrapper.status(id, 0))
    })
    expect(unmetOf(report)).toEqual([])
    expect(parts).toBe(1)
  })

  test('it is silent after the log-in', async () => {
    const report = await served((wrapper) => void wrapper.on('STAT', () => undefined), 300)
    expect(unmetOf(report)).toEqual([
      expect.stringMatching(/^reachable: .* gave no whole answer in time \[reading the answer\]$/),
    ])
  })

  test('it leaves in the middle', async () => {
    const { host, fingerprint } = await fakeSftp({
      onClient: (client) => client.on('ready', () => client.end()),
    })
    const report = await check(host, '/', { login: LOGIN, settings: { hostKey: fingerprint } })
    expect(unmetOf(report)).toEqual([
      `reachable: ${host} closed the connection before its answer was complete [reading the answer]`,
    ])
  })

  test('its key is too short', async () => {
    const { host, fingerprint } = await fakeSftp({ hostKey: rsaKey(1024) })
    expect(unmetOf(await check(host, '', { settings: { hostKey: fingerprint } }))).toEqual([
      'host-key-strength: ssh-rsa with 1024 bits',
    ])
  })

  test.each([
    ['another protocol', '220 mail.example ESMTP\r\n', /^banner: 220 mail\.example ESMTP$/],
    ['SSH 1', 'SSH-1.5-old\r\n', /^banner: SSH-1\.5-old$/],
    ['SSH and then nonsense', `SSH-2.0-x\r\n${'x'.repeat(100)}`, /^reachable: .* broke off: /],
  ])('it speaks %s', async (_name, text, unmet) => {
    const { host } = await talkServer((socket) => socket.end(text))
    expect(unmetOf(await check(host, '', {}))).toEqual([expect.stringMatching(unmet)])
  })

  test.each([
    ['lines', 'hello\r\n'.repeat(8192), /^banner: hello$/],
    ['a line', 'x'.repeat(65_536), /^banner: x{199}…$/],
  ])('it greets with %s without end', async (_name, part, unmet) => {
    const { host } = await talkServer((socket) => pour(socket, part))
    expect(unmetOf(await check(host, '', {}))).toEqual([expect.stringMatching(unmet)])
  })

  test.each([
    ['closes at once', true, /^reachable: .* closed the connection before its answer was complete/],
    ['says nothing', false, /^reachable: .* gave no whole answer in time/],
  ])('it %s', async (_name, closes, unmet) => {
    const { host } = await talkServer((socket) => void (closes && socket.end()))
    expect(unmetOf(await check(host, '', { timeoutMs: closes ? 20_000 : 100 }))).toEqual([
      expect.stringMatching(unmet),
    ])
  })

  test('it stops in the middle of its first line', async () => {
    const { host } = await talkServer((socket) => void socket.write('hel'))
    expect(unmetOf(await check(host, '', { timeoutMs: 2000 }))).toEqual([
      `reachable: ${host} gave no whole answer in time [reading the answer]`,
    ])
  })

  test('it is not there', async () => {
    const { host } = await deadOrigin()
    expect(unmetOf(await check(host, '', {}))).toEqual([`reachable: nobody listens at ${host} [connecting]`])
  })
})

test('mistakes of ours are unknown', async () => {
  const without = await check('127.0.0.1:1', '', { settings: { keyFile: 'key' }, files: { key: newKey() } })
  expect(without.verdicts[0]).toMatchObject({ status: 'unknown', summary: 'there is no name to log in with' })
  const missing = await check('127.0.0.1:1', '', { settings: { keyFile: 'key', user: 'a' } })
  expect(missing.verdicts[0]).toMatchObject({ status: 'unknown', summary: 'there is no such file' })
})

test('a fingerprint is read as ssh-keygen prints it, and nothing else', () => {
  for (const value of ['MD5:aa:bb', 'SHA256:short', [], ['x'], 7])
    expect(sftp.settings.hostKey.read(value)).toMatchObject({ ok: false })
})

test.each([
  ['nothing', Buffer.alloc(0), ''],
  ['a length that is too large', Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), ''],
  ['RSA without numbers', Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsa')]), 'ssh-rsa'],
])('a host key that is %s has no length', (_name, blob, type) => {
  expect(hostKeyOf(blob)).toMatchObject({ type, bits: undefined })
})
