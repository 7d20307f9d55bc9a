import { ProbeFailure } from './probe/failure.ts'
import type { Line } from './probe/probe.ts'
import { Reader } from './probe/reader.ts'
import { extensionsOf, SmtpDialogue, seenReply } from './smtp-dialogue.ts'

/** Protocols that begin without TLS and go over to it. */
export const STARTTLS = ['smtp', 'imap', 'postgres', 'ldap'] as const
export type StartTls = (typeof STARTTLS)[number]

/** How the other side took the wish for TLS. */
export interface Readiness {
  readonly ready: boolean
  readonly expected: string
  readonly seen: string
  /** Bytes behind its answer, in which somebody on the way could say something in its name (CVE-2011-0411). */
  readonly ahead: number
}

const MAX_LINES = 100
const MAX_LDAP_BYTES = 4096

/** Says what the protocol says before TLS. @throws ProbeFailure for what is not this protocol */
export const readiness = (protocol: StartTls, line: Line): Promise<Readiness> => DIALOGUES[protocol](line)

const DIALOGUES: Readonly<Record<StartTls, (line: Line) => Promise<Readiness>>> = {
  smtp: overSmtp,
  imap: overImap,
  postgres: overPostgres,
  ldap: overLdap,
}

/** RFC 3207 §4. */
async function overSmtp({ socket, where }: Line): Promise<Readiness> {
  const dialogue = new SmtpDialogue(socket, where)
  const result = (ready: boolean, seen: string): Readiness => ({
    ready,
    expected: '220 to STARTTLS',
    seen,
    ahead: dialogue.ahead,
  })
  const greeting = await dialogue.reply()
  if (greeting.code !== 220) return result(false, seenReply(greeting))
  const hello = await dialogue.ask(`EHLO ${dialogue.name}`)
  if (!extensionsOf(hello).has('STARTTLS')) return result(false, 'not offered')
  const reply = await dialogue.ask('STARTTLS')
  return result(reply.code === 220, seenReply(reply))
}

/** RFC 9051 §6.2.1. */
async function overImap({ socket, where }: Line): Promise<Readiness> {
  const reader = new Reader(socket, where)
  const expected = 'OK to STARTTLS'
  const greeting = await reader.line()
  if (!greeting.startsWith('* OK')) return { ready: false, expected, seen: greeting, ahead: reader.ahead }
  socket.write('a1 STARTTLS\r\n')
  for (let lines = 0; lines < MAX_LINES; lines++) {
    const line = await reader.line()
    if (line.startsWith('a1 '))
      return { ready: line.startsWith('a1 OK'), expected, seen: line, ahead: reader.ahead }
  }
  throw new ProbeFailure('body', 'too-large', `${where} sent more than ${MAX_LINES} lines without an answer`)
}

/** SSLRequest: a length of 8 and the number 80877103; the answer is one letter. PostgreSQL, frontend/backend protocol. */
async function overPostgres({ socket, where }: Line): Promise<Readiness> {
  const reader = new Reader(socket, where)
  socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))
  const answer = (await reader.bytes(1)).toString('latin1')
  const seen = answer === 'N' ? 'N: it has no TLS' : JSON.stringify(answer)
  return { ready: answer === 'S', expected: 'S', seen, ahead: reader.ahead }
}

/** RFC 4511 §4.12 and §4.14: an extended request with the number of StartTLS, as message 1. */
async function overLdap({ socket, where }: Line): Promise<Readiness> {
  const reader = new Reader(socket, where)
  const name = Buffer.from('1.3.6.1.4.1.1466.20037')
  const request = Buffer.concat([Buffer.from([0x77, name.length + 2, 0x80, name.length]), name])
  socket.write(Buffer.concat([Buffer.from([0x30, request.length + 3, 0x02, 0x01, 0x01]), request]))
  const message = await berElement(reader, where, 0x30)
  const code = resultCode(message)
  return {
    ready: code === 0,
    expected: 'result code 0',
    seen: code === undefined ? 'no result of an extended request' : `result code ${code}`,
    ahead: reader.ahead,
  }
}

/** The content of an element in BER; lengths of up to four bytes, as Active Directory writes them. */
async function berElement(reader: Reader, where: string, tag: number): Promise<Buffer> {
  const [found, first = 0] = await reader.bytes(2)
  const more = first & 0x7f
  if (found !== tag || (first > 0x7f && (more === 0 || more > 4)))
    throw new ProbeFailure('body', 'protocol', `${where} does not speak LDAP`)
  const length = first > 0x7f ? (await reader.bytes(more)).readUIntBE(0, more) : first
  if (length > MAX_LDAP_BYTES)
    throw new ProbeFailure('body', 'too-large', `${where} sent an answer of ${length} bytes`)
  return reader.bytes(length)
}

/** Behind the number of the message: ExtendedResponse [APPLICATION 24], whose first element is the result code. */
function resultCode(message: Buffer): number | undefined {
  const at = 2 + (message[1] ?? 0)
  if (message[0] !== 0x02 || message[at] !== 0x78) return undefined
  const length = message[at + 1] ?? 0
  const inner = at + 2 + (length > 0x7f ? length & 0x7f : 0)
  return message[inner] === 0x0a && message[inner + 1] === 1 ? message[inner + 2] : undefined
}
