import { defineKind } from '../kind.ts'
import type { Severity, TlsFacts } from '../model.ts'
import { someBytes } from '../probe/bytes.ts'
import { ProbeFailure } from '../probe/failure.ts'
import { LineReader } from '../probe/lines.ts'
import type { Line, Probe } from '../probe/probe.ts'
import { choice, optional } from '../settings.ts'
import { cipherGrade, type Grade, protocolGrade } from '../tls-policy.ts'

const STARTTLS = ['none', 'smtp', 'imap', 'postgres'] as const
type StartTls = (typeof STARTTLS)[number]

/** A server by its TLS alone: what it offers and what it shows. */
export const tls = defineKind({
  id: 'tls',
  title: 'TLS: certificate, protocol, cipher suite',
  schemes: ['tls:'],
  credentials: 'none',
  source:
    'BSI TR-02102-2 and TR-03116-4 (2024, 2025), TR-02102-1 for keys; RFC 3207, RFC 9051 §6.2.1 and PostgreSQL §54.2.11 for STARTTLS',
  healthy:
    'The certificate is trusted and for this name, protocol and cipher suite are those that the BSI recommends, and the key is strong enough. How long leaf and chain last is judged apart.',
  settings: {
    starttls: optional(choice('Protocol in which TLS is asked for first.', STARTTLS), 'none'),
    minProtocol: optional(choice('Version that must be spoken at least.', ['TLSv1.2', 'TLSv1.3']), 'TLSv1.2'),
  },
  conditions: {
    protocol: 'The version of TLS is recommended.',
    cipher: 'The cipher suite is recommended.',
    key: 'The key of the certificate is strong enough.',
    signature: 'The certificate is not signed with SHA-1.',
  },
  check: async (probe, { starttls, minProtocol }) => {
    await probe.talk('handshake', starttls === 'none', async (line) => {
      if (starttls !== 'none') await upgraded(probe, line, starttls)
      const [facts] = probe.tls
      if (facts === undefined) return
      judge(probe, facts, minProtocol)
      judgeCertificate(probe, facts)
    })
  },
})

function judge(probe: Probe, { protocol, cipher }: TlsFacts, minProtocol: 'TLSv1.2' | 'TLSv1.3'): void {
  const isOld = minProtocol === 'TLSv1.3' && protocol !== 'TLSv1.3'
  probe.expect('protocol', {
    ...graded(isOld ? 'refused' : protocolGrade(protocol)),
    expected: `${minProtocol} or later`,
    seen: protocol,
  })
  probe.expect('cipher', {
    ...graded(cipherGrade(cipher)),
    expected: 'a suite that the BSI recommends (TR-02102-2)',
    seen: cipher,
    hint: 'With AES in GCM or CCM and ephemeral keys (ECDHE).',
  })
}

const graded = (grade: Grade): { readonly met: boolean; readonly severity: Severity } => ({
  met: grade === 'recommended',
  severity: grade === 'refused' ? 'critical' : 'warning',
})

function judgeCertificate(probe: Probe, { key, keyGrade, signature }: TlsFacts): void {
  probe.expect('key', {
    met: keyGrade === 'good',
    severity: keyGrade === 'broken' ? 'critical' : 'warning',
    expected: 'RSA 3000 bit, EC 250 bit, or more',
    seen: key,
  })
  probe.expect('signature', { met: !/sha1|md5/i.test(signature), expected: 'SHA-2', seen: signature })
}

async function upgraded(
  probe: Probe,
  { socket, upgrade }: Line,
  starttls: Exclude<StartTls, 'none'>,
): Promise<void> {
  const where = probe.url.host
  if (starttls === 'postgres') {
    // SSLRequest: its length, and a number that no version of the protocol has.
    socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))
    const answer = (await someBytes(socket, 1, where)).toString('latin1')
    if (answer !== 'S') throw refused(`${where} offers no TLS (${JSON.stringify(answer)})`)
    await upgrade()
    return
  }
  const lines = new LineReader(socket, where)
  await (starttls === 'smtp' ? askSmtp(socket, lines, where) : askImap(socket, lines, where))
  if (lines.waiting !== '') throw refused(`${where} sent something before TLS was set up`)
  lines.release()
  await upgrade()
}

const refused = (message: string): ProbeFailure => new ProbeFailure('tls', 'protocol', message)

async function askSmtp(socket: Line['socket'], lines: LineReader, where: string): Promise<void> {
  await reply(lines, '220', where)
  socket.write('EHLO ozgctl.invalid\r\n')
  await reply(lines, '250', where)
  socket.write('STARTTLS\r\n')
  await reply(lines, '220', where)
}

/** RFC 5321 §4.2.1: all lines of a reply but the last have a hyphen behind the code. */
async function reply(lines: LineReader, code: string, where: string): Promise<void> {
  for (;;) {
    const line = await lines.line()
    if (!line.startsWith(code)) throw refused(`${where} answered ${line.slice(0, 80)}`)
    if (line[3] !== '-') return
  }
}

async function askImap(socket: Line['socket'], lines: LineReader, where: string): Promise<void> {
  const greeting = await lines.line()
  if (!greeting.startsWith('* OK')) throw refused(`${where} greeted with ${greeting.slice(0, 80)}`)
  socket.write('a STARTTLS\r\n')
  const answer = await lines.line()
  if (!answer.startsWith('a OK')) throw refused(`${where} answered ${answer.slice(0, 80)}`)
}
