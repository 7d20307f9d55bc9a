import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { defineKind } from '../kind.ts'
import type { TlsFacts } from '../model.ts'
import { ProbeFailure } from '../probe/failure.ts'
import type { Line, Probe } from '../probe/probe.ts'
import { choice, no, optional, type Setting, type SettingsValues, texts, yesNo } from '../settings.ts'
import { readiness, STARTTLS } from '../starttls.ts'
import {
  cipherWeakness,
  dhWeakness,
  forgeable,
  keyWeakness,
  signedAs,
  signedChain,
  type Weakness,
} from '../tls-policy.ts'

const VERSIONS: readonly string[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const OLD = ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const

const settings = {
  starttls: optional(choice('Protocol that begins without TLS.', ['none', ...STARTTLS]), 'none'),
  minProtocol: optional(
    choice('Version of TLS that it has to agree on at least.', ['TLSv1.2', 'TLSv1.3']),
    'TLSv1.2',
  ),
  refuse: optional(versions('Versions that it must not speak; each is tried.'), []),
  recommended: optional(
    yesNo('Whether what works and is safe, but BSI TR-02102-2 does not recommend, is a warning.'),
    true,
  ),
}

type Settings = SettingsValues<typeof settings>

/** How a server secures its connections, whatever is spoken over them. */
export const tls = defineKind({
  id: 'tls',
  title: 'TLS: certificate, protocol and cipher suite',
  schemes: ['tls:'],
  credentials: 'none',
  source: 'RFC 8446, RFC 5246, RFC 9325; BSI TR-02102-2 and TR-03116-4',
  healthy:
    'The certificate is for this host and leads to a known authority; version, cipher suite, key and signatures are what BSI TR-02102-2 recommends. How long leaf and chain last is told apart from that.',
  settings,
  conditions: {
    starttls: 'It goes over to TLS when asked, with nothing slipped in before (CVE-2011-0411).',
    protocol: 'Version of TLS that both agree on.',
    cipher: 'Cipher suite that both agree on.',
    'key-exchange': 'Length of the numbers that keys are agreed on with, without elliptic curves.',
    key: 'Kind and length of the key in the certificate.',
    signature: 'No certificate below the authority is signed with SHA-1 or MD5.',
    chain: 'The certificates that it sends lead to a known authority.',
    'refuses-tls-1-0': 'It does not speak TLS 1.0.',
    'refuses-tls-1-1': 'It does not speak TLS 1.1.',
    'refuses-tls-1-2': 'It does not speak TLS 1.2.',
  },
  check: async (probe, values) => {
    try {
      await probe.talk('handshake', false, (line) => handshake(probe, line, values))
    } finally {
      // Also where it cannot be trusted: a second fault that comes to light only after the first is mended costs a day.
      judgeFacts(probe, values)
    }
    for (const version of values.refuse) await expectRefusal(probe, version, values)
  },
})

async function handshake(probe: Probe, line: Line, { starttls, recommended }: Settings): Promise<void> {
  await prepare(probe, line, starttls)
  const socket = await line.upgrade()
  const { type, size } = (socket.getEphemeralKeyInfo() ?? {}) as {
    readonly type?: string
    readonly size?: number
  }
  if (type === 'DH' && size !== undefined)
    expectStrong(probe, 'key-exchange', 'DHE with 3000 bits or more', `DHE with ${size} bits`, {
      weakness: dhWeakness(size),
      recommended,
    })
  await accepted(socket)
}

async function prepare(probe: Probe, line: Line, starttls: Settings['starttls']): Promise<void> {
  if (starttls === 'none') return
  const { ready, expected, seen, ahead } = await readiness(starttls, line)
  probe.require('starttls', {
    met: ready && ahead === 0,
    expected: `${expected} and then nothing but TLS`,
    seen: ahead > 0 ? `${ahead} bytes behind the answer that nobody asked for` : seen,
  })
}

/**
 * In TLS 1.3 the handshake is done for the client before the server has seen its certificate. Tickets or the end of the
 * connection come after that, and an alert where it wants another one. Takes leave, so that no server waits for more.
 */
function accepted(socket: TLSSocket): Promise<void> {
  if (socket.getProtocol() !== 'TLSv1.3') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PATIENCE_MS)
    const done = (error?: Error): void => {
      clearTimeout(timer)
      if (error === undefined) resolve()
      else reject(error)
    }
    socket.once('session', () => done())
    socket.once('end', () => done())
    socket.once('close', () => done())
    // A server that is left closes as it likes; an alert is an answer.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(error.code?.startsWith('ERR_SSL') === true ? error : undefined),
    )
    socket.resume()
    socket.end()
  })
}

/** A server that says nothing more for so long has nothing against the client. */
const PATIENCE_MS = 1000

function judgeFacts(probe: Probe, { minProtocol, recommended }: Settings): void {
  const [facts] = probe.tls
  const [leaf] = probe.leaves
  if (facts === undefined) return
  probe.expect('protocol', {
    met: VERSIONS.indexOf(facts.protocol) >= VERSIONS.indexOf(minProtocol),
    expected: `${minProtocol} or newer`,
    seen: facts.protocol,
  })
  expectStrong(probe, 'cipher', 'a cipher suite that TR-02102-2 recommends', facts.cipher, {
    weakness: cipherWeakness(facts.cipher),
    recommended,
  })
  if (leaf === undefined) return
  expectStrong(probe, 'key', 'RSA with 3000 bits, or elliptic curves with 250, or more', facts.key, {
    weakness: keyWeakness(facts.keyGrade),
    recommended,
  })
  judgeSignatures(probe, leaf)
  judgeChain(probe, facts, leaf)
}

interface Judgement {
  readonly weakness: Weakness | undefined
  readonly recommended: boolean
}

function expectStrong(
  probe: Probe,
  id: string,
  expected: string,
  seen: string,
  { weakness, recommended }: Judgement,
): void {
  const counts = weakness !== undefined && (recommended || weakness.severity === 'critical')
  probe.expect(id, {
    met: !counts,
    expected,
    seen,
    ...(weakness === undefined ? {} : { severity: weakness.severity, hint: weakness.hint }),
  })
}

function judgeSignatures(probe: Probe, leaf: X509Certificate): void {
  const chain = signedChain(leaf)
  const weak = chain.find((one) => forgeable(one) !== undefined)
  probe.expect('signature', {
    met: weak === undefined,
    expected: 'SHA-256 or better',
    seen: signedAs(weak ?? leaf),
    hint: 'Others can make a certificate with the same signature: have it issued anew.',
  })
}

/** Whose anchor is not known, and whose own certificate is all that was sent. */
function judgeChain(probe: Probe, { untrusted, chain }: TlsFacts, leaf: X509Certificate): void {
  const top = chain.at(-1)
  const isAlone = chain.length === 1 && leaf.subject !== leaf.issuer
  const unknown = untrusted !== null && UNKNOWN_AUTHORITY.includes(untrusted)
  probe.expect('chain', {
    met: !unknown,
    expected: 'certificates up to a known authority',
    seen: `${chain.length} ${chain.length === 1 ? 'certificate' : 'certificates'}, the last issued by ${top?.issuer ?? 'nobody'}`,
    hint: isAlone
      ? 'Does the server send what is between its certificate and the authority? If it is your own authority, name it in tls.ca.'
      : 'If it is your own authority, name its certificate in tls.ca.',
  })
}

const UNKNOWN_AUTHORITY = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]

const REFUSALS = {
  TLSv1: 'refuses-tls-1-0',
  'TLSv1.1': 'refuses-tls-1-1',
  'TLSv1.2': 'refuses-tls-1-2',
} as const

/** Whatever ends the handshake is a refusal; a server that is gone or silent is none. */
async function expectRefusal(probe: Probe, version: (typeof OLD)[number], values: Settings): Promise<void> {
  const isSpoken = await probe.talk(REFUSALS[version], false, async (line) => {
    if (values.starttls !== 'none') await readiness(values.starttls, line)
    return line.upgrade(version).then(() => true, refused)
  })
  probe.expect(REFUSALS[version], {
    met: !isSpoken,
    expected: `no ${version}`,
    seen: isSpoken ? `it speaks ${version}` : 'refused',
    severity: version === 'TLSv1.2' ? 'warning' : 'critical',
  })
}

function refused(error: unknown): false {
  if (error instanceof ProbeFailure && error.fault !== 'timeout') return false
  throw error
}

function versions(description: string): Setting<readonly (typeof OLD)[number][]> {
  const list = texts(description)
  return {
    ...list,
    schema: { type: 'array', minItems: 1, items: { enum: OLD } },
    read: (value) => {
      const reading = list.read(value)
      if (!reading.ok) return reading
      const known = reading.value.flatMap((text) => OLD.filter((one) => one === text))
      return known.length === reading.value.length
        ? { ok: true, value: known }
        : no(`must be a list of: ${OLD.join(', ')}`)
    },
  }
}
