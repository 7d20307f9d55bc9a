import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** What a certificate of the sandbox says. Times in milliseconds since 1970. */
export interface SelfSignedOptions {
  readonly commonName: string
  /** Host names and IPv4 addresses. */
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

// Node can read certificates and cannot make any. These are the few forms of DER (X.690) that one of one's own needs.

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)
const octets = (content: Uint8Array): Buffer => tlv(0x04, content)
const bits = (content: Uint8Array): Buffer => tlv(0x03, Buffer.from([0]), content)
const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))

/** A positive number: a zero before a first byte that would make it negative. */
function integer(bytes: Uint8Array): Buffer {
  const [first = 0] = bytes
  return tlv(0x02, first > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

/** X.690 §8.19: the first two numbers in one byte, the others in groups of seven bits. */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const groups = rest.flatMap((number) => {
    const parts = [number & 0x7f]
    for (let left = number >> 7; left > 0; left >>= 7) parts.unshift((left & 0x7f) | 0x80)
    return parts
  })
  return tlv(0x06, Buffer.from([first * 40 + second, ...groups]))
}

/** RFC 5280 §4.1.2.5: UTCTime up to 2049, GeneralizedTime from then on. */
function time(milliseconds: number): Buffer {
  const text = `${new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return text < '2050' ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text))
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const TRUE = tlv(0x01, Buffer.from([0xff]))

/** A certificate with a key of its own (ECDSA, P-256) that signs itself (RFC 5280 §4.1), for servers of the sandbox. */
export function selfSigned({ commonName, names, notBefore, notAfter }: SelfSignedOptions): {
  readonly cert: string
  readonly key: string
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(tlv(0x31, sequence(oid('2.5.4.3'), utf8(commonName))))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  // A first byte of zero would be refused as padding.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)])
  const extensions = sequence(
    sequence(oid('2.5.29.17'), octets(sequence(...names.map(alternativeName)))),
    sequence(oid('2.5.29.19'), TRUE, octets(sequence(TRUE))),
    sequence(oid('2.5.29.14'), octets(octets(createHash('sha1').update(spki).digest()))),
  )
  const signed = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    spki,
    tlv(0xa3, extensions),
  )
  const certificate = sequence(signed, ECDSA_SHA256, bits(sign('sha256', signed, privateKey)))
  const text = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** RFC 5280 §4.2.1.6: dNSName [2], iPAddress [7]. */
function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return tlv(0x87, Buffer.from(name.split('.').map(Number)))
  return tlv(0x82, Buffer.from(name, 'latin1'))
}
