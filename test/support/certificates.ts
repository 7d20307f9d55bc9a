import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Identity {
  /** PEM, with what is between it and the authority. */
  readonly cert: string
  readonly key: string
}

/** What a server shows, each with one fault at most. All but `selfSigned` and `stranger` are issued by `ca`. */
export interface Certificates {
  readonly ca: string
  readonly good: Identity
  readonly expired: Identity
  readonly notYet: Identity
  readonly otherHost: Identity
  readonly selfSigned: Identity
  /** Issued by an authority of the same name with another key. */
  readonly stranger: Identity
}

const HERE = 'IP:127.0.0.1,DNS:localhost'
/** In the form that openssl takes: year, month, day, time. */
const PAST = '20200101000000Z'
const LATELY = '20210101000000Z'
const LATER = '21000101000000Z'
const FAR = '21990101000000Z'

/** Makes the certificates with the openssl command. They name the loopback, and are kept in memory only. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  try {
    writeFileSync(join(folder, 'openssl.cnf'), CONFIG)
    const ca = authority(folder, 'ca')
    const stranger = authority(folder, 'stranger')
    return {
      ca: ca.cert,
      good: issued(folder, 'ca', 'good', HERE, PAST, FAR),
      expired: issued(folder, 'ca', 'expired', HERE, PAST, LATELY),
      notYet: issued(folder, 'ca', 'not-yet', HERE, LATER, FAR),
      otherHost: issued(folder, 'ca', 'other-host', 'DNS:portal.example', PAST, FAR),
      stranger: issued(folder, 'stranger', 'good-by-stranger', HERE, PAST, FAR),
      selfSigned: stranger,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const CONFIG = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
subjectAltName = ${HERE}
[ca]
default_ca = issue
[issue]
database = index.txt
rand_serial = yes
new_certs_dir = .
policy = policy
default_md = sha256
unique_subject = no
email_in_dn = no
[policy]
commonName = supplied
`

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authority(folder: string, name: string): Identity {
  openssl(folder, [
    ...['req', '-x509', '-config', 'openssl.cnf', '-extensions', 'authority', ...EC],
    ...['-subj', '/CN=Test Authority', '-days', '3650', '-keyout', `${name}.key`, '-out', `${name}.pem`],
  ])
  return identity(folder, name)
}

function issued(
  folder: string,
  by: string,
  name: string,
  altNames: string,
  from: string,
  to: string,
): Identity {
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, `${name}.ext`), `subjectAltName = ${altNames}\n`)
  openssl(folder, [
    ...['req', '-config', 'openssl.cnf', ...EC],
    ...['-subj', `/CN=${name}.test`, '-keyout', `${name}.key`, '-out', `${name}.csr`],
  ])
  openssl(folder, [
    ...['ca', '-batch', '-notext', '-config', 'openssl.cnf', '-cert', `${by}.pem`, '-keyfile', `${by}.key`],
    ...['-startdate', from, '-enddate', to, '-extfile', `${name}.ext`],
    ...['-in', `${name}.csr`, '-out', `${name}.pem`],
  ])
  return identity(folder, name)
}

function identity(folder: string, name: string): Identity {
  const read = (ending: string): string => readFileSync(join(folder, `${name}.${ending}`), 'utf8')
  return { cert: read('pem'), key: read('key') }
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}
