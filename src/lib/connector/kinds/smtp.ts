import type { Socket } from 'node:net'
import { defineKind } from '../kind.ts'
import { ProbeFailure } from '../probe/failure.ts'
import { LineReader } from '../probe/lines.ts'
import type { Line, Probe } from '../probe/probe.ts'
import { choice, optional, text } from '../settings.ts'

const MAILBOX = /^[^\s<>@]{1,64}@[^\s<>@]{1,255}$/
const MOST_LINES = 100

/** A mail server that portals send through. No mail is ever sent: the conversation ends before DATA. */
export const smtp = defineKind({
  id: 'smtp',
  title: 'Mail server (SMTP)',
  schemes: ['smtp:', 'smtps:'],
  credentials: 'optional',
  source: 'RFC 5321 §3 and §4, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8314 (smtps)',
  healthy:
    'It greets, offers encryption, accepts the credentials, and takes the sender and the recipient where they are given.',
  settings: {
    starttls: optional(
      choice('Whether smtp: has to be encrypted by STARTTLS.', ['required', 'optional', 'none']),
      'required',
    ),
    from: optional(text('Sender that has to be accepted.', MAILBOX)),
    to: optional(text('Recipient that has to be accepted; needs from.', MAILBOX)),
  },
  conditions: {
    greeting: 'It greets with 220.',
    ehlo: 'It answers EHLO.',
    starttls: 'It offers STARTTLS.',
    'starttls-ready': 'It is ready for TLS, and nothing was slipped in before.',
    authentication: 'It accepts the credentials.',
    sender: 'It takes the sender.',
    recipient: 'It takes the recipient.',
  },
  check: async (probe, { starttls, from, to }) => {
    await probe.talk('conversation', probe.url.protocol === 'smtps:', async (line) => {
      let session = new Session(probe, line.socket)
      await session.expect('greeting', undefined, '220')
      let offers = await session.ehlo()
      if (probe.url.protocol === 'smtp:' && starttls !== 'none') {
        const secured = await secure(probe, line, session, offers, starttls)
        if (secured !== undefined) {
          session = secured
          offers = await session.ehlo()
        }
      }
      if (probe.hasCredentials) await authenticate(probe, session, offers)
      if (from !== undefined) await session.expect('sender', `MAIL FROM:<${from}>`, '250')
      if (from !== undefined && to !== undefined) await session.expect('recipient', `RCPT TO:<${to}>`, '25')
      await session.leave()
    })
  },
})

class Session {
  readonly lines: LineReader
  readonly #probe: Probe
  readonly #socket: Socket

  constructor(probe: Probe, socket: Socket) {
    this.#probe = probe
    this.#socket = socket
    this.lines = new LineReader(socket, probe.url.host)
  }

  /** Sends a command, or nothing, and wants a code at the beginning of the reply. @throws Unmet */
  async expect(
    id: string,
    command: string | undefined,
    code: string,
    shown = command,
  ): Promise<readonly string[]> {
    if (command !== undefined) this.#socket.write(`${command}\r\n`)
    const reply = await this.#reply()
    this.#probe.require(id, {
      met: reply[0]?.startsWith(code) === true,
      expected: code.padEnd(3, 'x'),
      seen: shown === undefined ? reply.join(' ') : (reply[0] ?? ''),
    })
    return reply
  }

  /** What the server offers, in capitals, without the code. */
  async ehlo(): Promise<readonly string[]> {
    const reply = await this.expect('ehlo', 'EHLO ozgctl.invalid', '250')
    return reply.slice(1).map((line) => line.slice(4).toUpperCase())
  }

  /** Polite, and the end in any case: nobody waits for the answer. */
  async leave(): Promise<void> {
    this.#socket.write('RSET\r\nQUIT\r\n')
    await this.#reply()
  }

  /** RFC 5321 §4.2.1: all lines but the last have a hyphen behind the code. */
  async #reply(): Promise<readonly string[]> {
    const reply: string[] = []
    while (reply.length < MOST_LINES) {
      const line = await this.lines.line()
      if (!/^\d{3}/.test(line))
        throw new ProbeFailure(
          'body',
          'protocol',
          `${this.#probe.url.host} does not speak SMTP: ${line.slice(0, 80)}`,
        )
      reply.push(line)
      if (line[3] !== '-') return reply
    }
    throw new ProbeFailure('body', 'too-large', `${this.#probe.url.host} gives a reply without end`)
  }
}

async function secure(
  probe: Probe,
  { upgrade }: Line,
  session: Session,
  offers: readonly string[],
  need: 'required' | 'optional',
): Promise<Session | undefined> {
  const isOffered = offers.includes('STARTTLS')
  probe.expect('starttls', {
    met: isOffered,
    severity: need === 'required' ? 'critical' : 'warning',
    expected: 'STARTTLS',
    seen: offers.slice(0, 20).join(', ') || 'no extensions',
  })
  if (!isOffered) return undefined
  await session.expect('starttls-ready', 'STARTTLS', '220')
  // CVE-2011-0411: what was sent in the open would be taken as if it had come encrypted.
  probe.require('starttls-ready', {
    met: session.lines.waiting === '',
    expected: 'nothing before the handshake',
    seen: session.lines.waiting === '' ? 'nothing' : 'more bytes in the open',
  })
  session.lines.release()
  return new Session(probe, await upgrade())
}

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** RFC 4954 §4 and RFC 4616; a secret never goes over an open line. */
async function authenticate(probe: Probe, session: Session, offers: readonly string[]): Promise<void> {
  const isSafe = probe.tls.length > 0 || LOOPBACK.includes(probe.url.hostname)
  const mechanisms = offers.flatMap((offer) => (offer.startsWith('AUTH') ? offer.split(/[ =]/).slice(1) : []))
  probe.require('authentication', {
    met: isSafe && (mechanisms.includes('PLAIN') || mechanisms.includes('LOGIN')),
    expected: 'AUTH PLAIN or LOGIN, encrypted',
    seen: isSafe ? mechanisms.join(', ') || 'no AUTH' : 'a line that is not encrypted',
  })
  const { clientId, clientSecret } = await probe.credentials()
  const encoded = (text: string): string => Buffer.from(text).toString('base64')
  if (mechanisms.includes('PLAIN')) {
    const plain = encoded(`\0${clientId}\0${clientSecret.reveal()}`)
    await session.expect('authentication', `AUTH PLAIN ${plain}`, '235', 'AUTH')
    return
  }
  await session.expect('authentication', 'AUTH LOGIN', '334')
  await session.expect('authentication', encoded(clientId), '334', 'AUTH')
  await session.expect('authentication', encoded(clientSecret.reveal()), '235', 'AUTH')
}
