import { isIP, type Socket } from 'node:net'
import { isThisMachine } from '../../config/protected.ts'
import { sentAs } from '../../config/secret.ts'
import { defineKind } from '../kind.ts'
import { type Line, type Probe, portOf } from '../probe/probe.ts'
import { choice, optional, type SettingsValues, text } from '../settings.ts'
import { extensionsOf, SmtpDialogue, type SmtpReply, seenReply } from '../smtp-dialogue.ts'

const ADDRESS = /^[^\s<>"\\]{1,64}@[^\s<>"\\@]{1,255}$/

const settings = {
  starttls: optional(
    choice('Whether the connection has to become a secure one; smtps: is one from the beginning.', [
      'required',
      'optional',
      'none',
    ]),
    'required',
  ),
  from: optional(text('Sender that the server has to take.', ADDRESS)),
  to: optional(text('Recipient that the server has to take.', ADDRESS)),
}

type Settings = SettingsValues<typeof settings>

/** A mail server, asked up to the point where a letter would begin. */
export const smtp = defineKind({
  id: 'smtp',
  title: 'Mail server (SMTP)',
  schemes: ['smtp:', 'smtps:'],
  credentials: 'optional',
  source: 'RFC 5321; RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8314 (smtps)',
  healthy:
    'The server greets, sets up TLS, takes the credentials and, where they are named, sender and recipient. No letter is sent: the conversation ends before DATA.',
  settings,
  conditions: {
    greeting: 'The server is ready (220).',
    ehlo: 'It speaks ESMTP.',
    starttls: 'It offers STARTTLS and begins with it, with nothing slipped in before (CVE-2011-0411).',
    'ehlo-tls': 'It goes on over the secure connection.',
    auth: 'It lets one log in, and in a way by which no password can be read on the way.',
    login: 'It takes the credentials.',
    sender: 'It takes the sender.',
    recipient: 'It takes the recipient.',
  },
  check: async (probe, values) => {
    const isSecure = probe.url.protocol === 'smtps:'
    await probe.talk('conversation', isSecure, (line) => conversation(probe, line, isSecure, values))
  },
})

async function conversation(probe: Probe, line: Line, isSecure: boolean, values: Settings): Promise<void> {
  const first = new SmtpDialogue(line.socket, line.where)
  expectCode(probe, 'greeting', await first.reply(), 220, greetingHint(probe))
  const hello = await first.ask(`EHLO ${first.name}`)
  expectCode(probe, 'ehlo', hello, 250)
  const next =
    !isSecure && (await canSecure(probe, first, hello, values.starttls))
      ? await overTls(probe, line)
      : { dialogue: first, hello, isSafe: isSecure || isHere(probe.url, line.socket) }
  if (probe.hasCredentials) await login(probe, next)
  await envelope(probe, next.dialogue, values)
  await next.dialogue.quit()
}

interface Greeted {
  readonly dialogue: SmtpDialogue
  readonly hello: SmtpReply
  /** Whether nobody else can read along. */
  readonly isSafe: boolean
}

/** Nothing can be said about the rest without it. */
function expectCode(probe: Probe, id: string, reply: SmtpReply, code: number, hint?: string): void {
  probe.require(id, { met: reply.code === code, expected: `${code}`, seen: seenReply(reply), hint })
}

const greetingHint = ({ url }: Probe): string | undefined =>
  portOf(url) === 465 ? 'Port 465 speaks TLS from the beginning: smtps://' : undefined

/** @returns whether TLS is to be set up; the server waits for it then */
async function canSecure(
  probe: Probe,
  dialogue: SmtpDialogue,
  hello: SmtpReply,
  starttls: Settings['starttls'],
): Promise<boolean> {
  if (starttls === 'none') return false
  const isOffered = extensionsOf(hello).has('STARTTLS')
  if (!isOffered && starttls === 'optional') return false
  const missing = { met: false, expected: 'STARTTLS', seen: 'not offered' }
  if (!isOffered) probe.require('starttls', missing)
  const reply = await dialogue.ask('STARTTLS')
  const { ahead } = dialogue
  probe.require('starttls', {
    met: reply.code === 220 && ahead === 0,
    expected: '220 and then nothing but TLS',
    seen: ahead > 0 ? `${ahead} bytes behind the reply that nobody asked for` : seenReply(reply),
    hint: ahead > 0 ? 'Somebody may have slipped them in on the way.' : undefined,
  })
  return true
}

/** What was said before counts no more (RFC 3207 §4.2). */
async function overTls(probe: Probe, line: Line): Promise<Greeted> {
  const dialogue = new SmtpDialogue(await line.upgrade(), line.where)
  const hello = await dialogue.ask(`EHLO ${dialogue.name}`)
  expectCode(probe, 'ehlo-tls', hello, 250)
  return { dialogue, hello, isSafe: true }
}

async function login(probe: Probe, { dialogue, hello, isSafe }: Greeted): Promise<void> {
  const offered = extensionsOf(hello).get('AUTH') ?? []
  const mechanism = (['PLAIN', 'LOGIN'] as const).find((name) => offered.includes(name))
  probe.require('auth', {
    met: isSafe && mechanism !== undefined,
    expected: isSafe ? 'AUTH PLAIN or AUTH LOGIN' : 'TLS before a password is sent',
    seen: isSafe ? `AUTH ${offered.join(' ') || 'not offered'}` : 'none',
  })
  const { clientId, clientSecret } = await probe.credentials()
  const reply =
    mechanism === 'PLAIN'
      ? await dialogue.ask(`AUTH PLAIN ${sentAs(base64(`\0${clientId}\0${clientSecret.reveal()}`))}`)
      : await loginByParts(dialogue, clientId, clientSecret.reveal())
  probe.require('login', {
    met: reply.code === 235,
    expected: '235',
    // Not its text, in which a server could repeat what it was sent.
    seen: [`${reply.code}`, ...(reply.lines[0]?.match(/^[245]\.\d{1,3}\.\d{1,3}/) ?? [])].join(' '),
    hint: reply.code === 535 ? 'Renew the credentials: ozgctl auth login' : undefined,
  })
}

/** The older way: the server asks for both, one by one. */
async function loginByParts(dialogue: SmtpDialogue, id: string, secret: string): Promise<SmtpReply> {
  let reply = await dialogue.ask('AUTH LOGIN')
  for (const part of [id, secret]) {
    if (reply.code !== 334) return reply
    reply = await dialogue.ask(base64(part))
  }
  return reply
}

const base64 = (part: string): string => Buffer.from(part).toString('base64')

/** Takes back what it has begun. */
async function envelope(probe: Probe, dialogue: SmtpDialogue, { from, to }: Settings): Promise<void> {
  if (from === undefined && to === undefined) return
  const sender = await dialogue.ask(`MAIL FROM:<${from ?? ''}>`)
  expectCode(probe, 'sender', sender, 250)
  if (to !== undefined) {
    const recipient = await dialogue.ask(`RCPT TO:<${to}>`)
    probe.expect('recipient', {
      // 251: it knows where to pass it on to (RFC 5321 §3.4).
      met: [250, 251].includes(recipient.code),
      expected: '250',
      seen: seenReply(recipient),
      // Grey listing and other reasons to come again.
      severity: recipient.code < 500 ? 'warning' : 'critical',
    })
  }
  await dialogue.ask('RSET')
}

/** By its name, too: with a proxy the socket leads to that and no farther. */
const isHere = ({ hostname }: URL, { remoteAddress = '' }: Socket): boolean =>
  isLoopback(remoteAddress) && isThisMachine(hostname)

const isLoopback = (address: string): boolean =>
  isIP(address) === 6
    ? address === '::1' || address.startsWith('::ffff:127.')
    : isIP(address) === 4 && address.startsWith('127.')
