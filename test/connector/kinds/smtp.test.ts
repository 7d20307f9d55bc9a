import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { smtp } from '../../../src/lib/connector/kinds/smtp.ts'
import { DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { lineByLine, pour, talkServer } from '../../support/talk-server.ts'
import { makeTlsMaterial } from '../../support/tls-material.ts'

const material = makeTlsMaterial()
const ROUTE = { ...DIRECT, ca: material.ca }
const LOGIN = ['poststelle', 'a secret of the test'] as const

type CheckOptions = Partial<Parameters<typeof checkOf>[1]>
const check = (host: string, options: CheckOptions = {}) =>
  checkOf(smtp, { url: `smtp://${host}`, route: ROUTE, ...options })

describe('smtp-server, which others use to receive mail', () => {
  /** @returns its host and what it was told */
  async function mailServer(options: SMTPServerOptions = {}) {
    const log: string[] = []
    const server = new SMTPServer({
      ...material.server,
      authOptional: true,
      logger: false,
      onAuth: ({ method, username = '', password = '' }, { secure }, done) => {
        log.push(`${method} ${secure}`)
        if (username === LOGIN[0] && password === LOGIN[1]) done(null, { user: username })
        else done(new Error('no'))
      },
      onMailFrom: ({ address }, _session, done) => {
        log.push(`from ${address}`)
        done()
      },
      onRcptTo: ({ address }, _session, done) => {
        log.push(`to ${address}`)
        done(address.endsWith('@stadt.example') ? null : new Error('unknown'))
      },
      onData: (_stream, _session, done) => {
        log.push('data')
        done()
      },
      ...options,
    })
    server.on('error', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
    return { host: `127.0.0.1:${(server.server.address() as AddressInfo).port}`, log }
  }

  test('STARTTLS, log-in, sender and recipient, and no letter', async () => {
    const { host, log } = await mailServer()
    const report = await check(host, {
      login: LOGIN,
      settings: { from: 'portal@stadt.example', to: 'post@stadt.example' },
    })
    expect(unmetOf(report)).toEqual([])
    expect(statusOf(report)).toBe('ok')
    expect(conditionsOf(report).map(({ id }) => id)).toEqual([
      ...['greeting', 'ehlo', 'starttls', 'ehlo-tls', 'auth', 'login', 'sender', 'recipient'],
    ])
    expect(log).toEqual(['PLAIN true', 'from portal@stadt.example', 'to post@stadt.example'])
    expect(report.tls.map(({ protocol, names }) => [protocol, names])).toEqual([
      ['TLSv1.3', ['127.0.0.1', 'localhost']],
    ])
    expect(Object.keys(report.exchanges[0]?.phases ?? {})).toEqual(['resolve', 'connect', 'tls', 'body'])
  })

  test('TLS from the beginning, and the older way to log in', async () => {
    const { host, log } = await mailServer({ secure: true, authMethods: ['LOGIN'] })
    const report = await check(host, { url: `smtps://${host}`, login: LOGIN })
    expect(unmetOf(report)).toEqual([])
    expect(log).toEqual(['LOGIN true'])
  })

  test.each([['PLAIN'], ['LOGIN']])('wrong credentials by %s', async (method) => {
    const { host } = await mailServer({ authMethods: [method] })
    const report = await check(host, { login: ['poststelle', 'wrong'] })
    expect(unmetOf(report)).toEqual(['login: 535'])
  })

  test('a recipient that it does not take', async () => {
    const { host, log } = await mailServer()
    const report = await check(host, { settings: { to: 'post@elsewhere.example' } })
    expect(unmetOf(report)).toEqual(['recipient: 550 unknown'])
    expect(log).toEqual(['from ', 'to post@elsewhere.example'])
  })

  test('a certificate that nobody knows', async () => {
    const { host } = await mailServer()
    const report = await check(host, { route: DIRECT })
    expect(unmetOf(report)).toEqual([
      expect.stringMatching(
        /^reachable: .* its certificate was issued by an unknown authority .* \[setting up TLS\]$/,
      ),
    ])
  })
})

const HELLO = '250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n'

/** A server that says these things in their turn: the greeting, and then one a line that it gets. */
const scripted =
  (...replies: readonly string[]) =>
  (socket: Socket): void => {
    const left = [...replies]
    socket.write(left.shift() ?? '')
    lineByLine(socket, () => left.shift())
  }

describe('what a server can do wrong', () => {
  const GREETING = '220 mail.example ESMTP\r\n'
  test.each([
    ['is too busy', ['421 4.3.2 come later\r\n'], {}, 'greeting: 421 4.3.2 come later'],
    ['takes no mail', ['554 no mail here\r\n'], {}, 'greeting: 554 no mail here'],
    ['does not speak ESMTP', [GREETING, '502 what?\r\n'], {}, 'ehlo: 502 what?'],
    ['hangs up in between', [GREETING, '421-bye\r\n421 bye\r\n'], {}, 'ehlo: 421 bye / bye'],
    ['offers no STARTTLS', [GREETING, '250-a\r\n250 SIZE 9\r\n'], {}, 'starttls: not offered'],
    ['does not begin with TLS', [GREETING, HELLO, '454 not now\r\n'], {}, 'starttls: 454 not now'],
    [
      'slips something in before TLS',
      [GREETING, HELLO, '220 go\r\n250 evil\r\n'],
      {},
      'starttls: 10 bytes behind the reply that nobody asked for',
    ],
    [
      'takes no log-in',
      [GREETING, '250 a\r\n'],
      { login: LOGIN, settings: { starttls: 'none' } },
      'auth: AUTH not offered',
    ],
    [
      'knows only another log-in',
      [GREETING, '250-a\r\n250 AUTH CRAM-MD5 GSSAPI\r\n'],
      { login: LOGIN, settings: { starttls: 'optional' } },
      'auth: AUTH CRAM-MD5 GSSAPI',
    ],
    [
      'repeats the secret',
      [GREETING, '250-a\r\n250 AUTH=PLAIN\r\n', '535 5.7.8 AHBvc3RzdGVsbGU=\r\n'],
      { login: LOGIN, settings: { starttls: 'none' } },
      'login: 535 5.7.8',
    ],
    [
      'does not want the password',
      [GREETING, '250-a\r\n250 AUTH LOGIN\r\n', '334 x\r\n', '454 4.7.0 later\r\n'],
      { login: LOGIN, settings: { starttls: 'none' } },
      'login: 454 4.7.0',
    ],
    [
      'refuses the sender',
      [GREETING, '250 a\r\n', '550 no\r\n'],
      { settings: { starttls: 'none', from: 'a@b.example' } },
      'sender: 550 no',
    ],
    [
      'has a grey list',
      [GREETING, '250 a\r\n', '250 ok\r\n', '451 later\r\n', '250 ok\r\n'],
      { settings: { starttls: 'none', to: 'a@b.example' } },
      'recipient: 451 later',
    ],
  ] as const)('it %s', async (_name, replies, options, unmet) => {
    const { host, received } = await talkServer(scripted(...replies))
    const report = await check(host, options)
    expect(unmetOf(report)).toEqual([unmet])
    expect(Buffer.concat(received).toString('latin1')).not.toContain('DATA')
  })

  test('a grey list is a warning', async () => {
    const { host } = await talkServer(
      scripted(GREETING, '250 a\r\n', '250 ok\r\n', '450 later\r\n', '250 ok\r\n'),
    )
    const report = await check(host, { settings: { starttls: 'none', to: 'a@b.example' } })
    expect(statusOf(report)).toBe('warning')
  })

  test.each([
    [
      'speaks another protocol',
      'SSH-2.0-OpenSSH\r\n',
      'does not speak SMTP: "SSH-2.0-OpenSSH" [reading the answer]',
    ],
    [
      'changes the code in a reply',
      '220-a\r\n250 b\r\n',
      'does not speak SMTP: "250 b" [reading the answer]',
    ],
    [
      'greets with many lines',
      '220-a\r\n'.repeat(200),
      'sent a reply of more than 100 lines [reading the answer]',
    ],
    [
      'closes at once',
      undefined,
      'closed the connection before its answer was complete [reading the answer]',
    ],
  ])('it %s', async (_name, greeting, message) => {
    const { host } = await talkServer((socket) => {
      if (greeting === undefined) socket.end()
      else socket.write(greeting)
    })
    expect(unmetOf(await check(host))).toEqual([`reachable: ${host} ${message}`])
  })

  test('it greets with a line without end', async () => {
    const { host } = await talkServer((socket) => pour(socket, '220 '.repeat(16_384)))
    expect(unmetOf(await check(host))).toEqual([
      `reachable: ${host} sent a line without end [reading the answer]`,
    ])
  })

  test('it greets with lines without end', async () => {
    const { host } = await talkServer((socket) => pour(socket, '220-a\r\n'.repeat(8192)))
    expect(unmetOf(await check(host))).toEqual([
      `reachable: ${host} sent a reply of more than 100 lines [reading the answer]`,
    ])
  })

  test('it waits with its greeting for longer than there is time', async () => {
    const { host } = await talkServer(() => undefined)
    expect(unmetOf(await check(host, { timeoutMs: 2000 }))).toEqual([
      `reachable: ${host} gave no whole answer in time [reading the answer]`,
    ])
  })

  test('it speaks TLS where it should not', async () => {
    const { host } = await talkServer((socket) =>
      socket.write(Buffer.from([0x15, 3, 1, 0, 2, 2, 0x16, 0x0a])),
    )
    expect(unmetOf(await check(host))).toEqual([
      expect.stringMatching(/^reachable: .* does not speak SMTP: /),
    ])
  })
})

test('a password goes in the open to this machine only, whatever the proxy is', async () => {
  const { host, received } = await talkServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n220 mail.example\r\n')
      lineByLine(socket, () => '250-mail.example\r\n250 AUTH PLAIN\r\n')
    })
  })
  const report = await check('mail.example', {
    login: LOGIN,
    settings: { starttls: 'none' },
    route: { ...DIRECT, proxy: { url: new URL(`http://${host}`), authorization: undefined } },
  })
  expect(unmetOf(report)).toEqual(['auth: none'])
  expect(conditionsOf(report).at(-1)?.expected).toBe('TLS before a password is sent')
  expect(Buffer.concat(received).toString('latin1')).not.toContain('AUTH')
})

test('an address that could say more than one command is refused', () => {
  for (const text of ['a@b\r\nDATA', 'a b@c', '<a@b>', 'a'])
    expect(smtp.settings.to.read(text)).toMatchObject({ ok: false })
})
