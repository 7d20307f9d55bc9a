import { createHash } from 'node:crypto'
import { withoutTail } from '../text.ts'
import type { Weakness } from './tls-policy.ts'

/**
 * What is too old in SSH: algorithms by RFC 9142 and RFC 8758, and key lengths by BSI TR-02102-4. The guideline was not
 * compared with its text; whoever needs a proof has to read the edition in force.
 */

/** A public key of a server as it came over the wire (RFC 4253 §6.6). */
export interface HostKey {
  /** E.g. `ssh-ed25519`. */
  readonly type: string
  /** Undefined for a type that has only one length, or that is not known. */
  readonly bits: number | undefined
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string
}

/** @param blob from outside: what cannot be read has no length */
export function hostKeyOf(blob: Buffer): HostKey {
  const type = field(blob, 0)
  return {
    type: (type ?? Buffer.alloc(0)).toString('latin1').slice(0, 40),
    bits: type === undefined ? undefined : bitsOf(blob, type),
    fingerprint: `SHA256:${withoutTail(createHash('sha256').update(blob).digest('base64'), '=')}`,
  }
}

/** RFC 4253 §6.6: e and n of RSA; p first of DSA. */
function bitsOf(blob: Buffer, type: Buffer): number | undefined {
  const name = type.toString('latin1')
  if (name !== 'ssh-rsa' && name !== 'ssh-dss') return undefined
  const first = field(blob, 4 + type.length)
  const number = name === 'ssh-dss' ? first : field(blob, 8 + type.length + (first?.length ?? 0))
  if (number === undefined) return undefined
  const from = number.findIndex((byte) => byte !== 0)
  const top = number[from]
  return top === undefined ? 0 : (number.length - from - 1) * 8 + (32 - Math.clz32(top))
}

/** A string of RFC 4251 §5: four bytes with its length, then itself. */
function field(blob: Buffer, at: number): Buffer | undefined {
  if (at + 4 > blob.length) return undefined
  const length = blob.readUInt32BE(at)
  return at + 4 + length > blob.length ? undefined : blob.subarray(at + 4, at + 4 + length)
}

const RSA_LEAST = 2048
const RSA_RECOMMENDED = 3000

/** The key itself; how it signs is among the algorithms. */
export function hostKeyWeakness({ type, bits }: HostKey): Weakness | undefined {
  if (type === 'ssh-dss') return { severity: 'critical', hint: 'DSA is no longer safe: make another key.' }
  if (type !== 'ssh-rsa' || bits === undefined) return undefined
  if (bits < RSA_LEAST) return { severity: 'critical' }
  return bits < RSA_RECOMMENDED
    ? { severity: 'warning', hint: 'TR-02102 asks for 3000 bits since 2024.' }
    : undefined
}

/** What both sides have agreed on, by what it is for. */
export interface Agreed {
  readonly kex: string
  readonly hostKey: string
  /** From us to the server and back. */
  readonly ciphers: readonly [string, string]
  readonly macs: readonly [string, string]
}

/** Those that are too old, in the order in which they are used. */
export function oldAlgorithms({ kex, hostKey, ciphers, macs }: Agreed): readonly string[] {
  const old = [
    ...[kex].filter((name) => name.endsWith('-sha1')),
    ...[hostKey].filter((name) => name === 'ssh-rsa' || name === 'ssh-dss'),
    ...ciphers.filter((name) => /cbc|arcfour|3des/.test(name)),
    // Ciphers such as AES-GCM bring their own and agree on none.
    ...macs.filter((name) => /md5|sha1/.test(name)),
  ]
  return [...new Set(old)]
}
