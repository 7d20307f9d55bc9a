import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from './certificates.ts'

/** Certificates and keys beyond those that every test of TLS needs. All name the loopback. */
export interface TlsMaterial {
  /** The authority of everything but `sha1`, `rsa1024`. */
  readonly ca: string
  readonly server: Identity
  /** Issued by an authority in between; `cert` holds the leaf alone. */
  readonly below: Identity & { readonly intermediate: string }
  readonly rsa2048: Identity
  /** These sign themselves. */
  readonly rsa1024: Identity
  readonly sha1: Identity
  readonly client: Identity
  /** A client whose certificate has ended. */
  readonly endedClient: Identity
  /** A client of an authority that nobody knows. */
  readonly stranger: Identity
  /** The key of `client`, and it in PKCS#12, all opened by `passphrase`. */
  readonly encryptedKey: string
  readonly pkcs12: Buffer
  readonly legacyPkcs12: Buffer
  readonly keylessPkcs12: Buffer
  readonly passphrase: string
}

const ALT = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const PASSPHRASE = 'a passphrase of the test'

/** Makes them with the openssl command; nothing stays on the disk. */
export function makeTlsMaterial(): TlsMaterial {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const both = (name: string): Identity => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) })
  const alone = (name: string, key: readonly string[], ...more: readonly string[]): Identity => {
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      `/CN=${name}.test`,
      '-addext',
      ALT,
      '-days',
      '300',
      ...more,
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
    )
    return both(name)
  }
  const issued = (
    by: string,
    name: string,
    key: readonly string[] = EC,
    extension = ALT,
    days = '200',
  ): Identity => {
    writeFileSync(join(folder, `${name}.ext`), `${extension}\n`)
    openssl('req', ...key, '-subj', `/CN=${name}.test`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'],
      ...['-days', days, '-sha256', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    )
    return both(name)
  }
  const pkcs12 = (name: string, ...more: readonly string[]): Buffer => {
    openssl('pkcs12', '-export', '-in', 'client.pem', ...more, '-passout', `pass:${PASSPHRASE}`, '-out', name)
    return readFileSync(join(folder, name))
  }
  try {
    const { cert: ca } = alone('authority', EC)
    alone('unknown', EC)
    const { cert: intermediate } = issued('authority', 'between', EC, 'basicConstraints=critical,CA:TRUE')
    const client = issued('authority', 'client')
    const key = ['-inkey', 'client.key']
    openssl('pkey', '-in', 'client.key', '-aes256', '-passout', `pass:${PASSPHRASE}`, '-out', 'encrypted.key')
    return {
      ca,
      server: issued('authority', 'server'),
      below: { ...issued('between', 'below'), intermediate },
      rsa2048: issued('authority', 'rsa2048', ['-newkey', 'rsa:2048', '-nodes']),
      rsa1024: alone('rsa1024', ['-newkey', 'rsa:1024', '-nodes']),
      sha1: alone('sha1', EC, '-sha1'),
      client,
      endedClient: issued('authority', 'ended', EC, ALT, '0'),
      stranger: issued('unknown', 'stranger'),
      encryptedKey: read('encrypted.key'),
      pkcs12: pkcs12('client.p12', ...key),
      legacyPkcs12: pkcs12('legacy.p12', ...key, '-legacy'),
      keylessPkcs12: pkcs12('keyless.p12', '-nokeys'),
      passphrase: PASSPHRASE,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
