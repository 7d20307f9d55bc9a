import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IdentityProvider } from 'samlify'
import { expect, test } from 'vitest'
import { SignedXml } from 'xml-crypto'
import { saml } from '../../../src/lib/connector/kinds/saml.ts'
import { selfSigned } from '../../../src/lib/sandbox/self-signed.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const DAY_MS = 86_400_000
const ENTITY = 'https://idp.example/idp'
const LOCATION = 'https://idp.example/idp/sso'

const certificate = (days: number) =>
  selfSigned({
    commonName: 'idp',
    names: ['idp.example'],
    notBefore: NOW - 400 * DAY_MS,
    notAfter: NOW + days * DAY_MS,
  })
const GOOD = certificate(365)
const plain = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '')
const keyDescriptor = (pem: string, use = ' use="signing"'): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${plain(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`

interface Parts {
  readonly attributes?: string
  readonly keys?: string
  readonly protocol?: string
  readonly services?: string
  readonly formats?: string
  readonly role?: string
}

const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const NAMESPACES =
  'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'

function metadata({
  attributes = 'validUntil="2026-12-24T00:00:00Z" cacheDuration="PT6H"',
  keys = keyDescriptor(GOOD.cert),
  protocol = 'urn:oasis:names:tc:SAML:2.0:protocol',
  services = `<md:SingleSignOnService Binding="${POST}" Location="${LOCATION}"/>`,
  formats = '<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>',
  role = 'IDPSSODescriptor',
}: Parts = {}): string {
  return `<md:EntityDescriptor ${NAMESPACES} ID="_1" entityID="${ENTITY}" ${attributes}><md:${role} protocolSupportEnumeration="${protocol}">${keys}${formats}${services}</md:${role}></md:EntityDescriptor>`
}

const SETTINGS = {
  entityId: ENTITY,
  location: LOCATION,
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
}

async function check(body: string, settings: Readonly<Record<string, unknown>> = SETTINGS, status = 200) {
  const { origin } = await faultServer([answer(status, body)])
  return checkOf(saml, { url: origin, settings, now: new Date(NOW) })
}

test('metadata that is as it should be', async () => {
  const report = await check(metadata())
  expect(unmetOf(report)).toEqual([])
  expect(unmetOf(report, 'certificate')).toEqual([])
  expect([statusOf(report), statusOf(report, 'certificate')]).toEqual(['ok', 'ok'])
})

/** One violation a row: the metadata, and exactly what is not met. */
const VIOLATIONS: readonly (readonly [name: string, body: string, unmet: string, status?: string])[] = [
  ['a DOCTYPE', `<!DOCTYPE a [<!ENTITY b "c">]>${metadata()}`, 'xml: a DOCTYPE, which is refused; '],
  ['XML that is cut', metadata().slice(0, -10), 'xml: no well-formed XML '],
  ['a log-in page', '<html><title>Anmelden</title><br></html>', 'xml: no well-formed XML '],
  [
    'another entity',
    metadata().replace(`entityID="${ENTITY}"`, 'entityID="https://other.example"'),
    'entity: https://other.example',
  ],
  [
    'the entity twice',
    `<md:EntitiesDescriptor ${NAMESPACES}>${metadata()}${metadata()}</md:EntitiesDescriptor>`,
    'entity: 2 times',
  ],
  ['something else', '<a/>', 'entity: no EntityDescriptor, but a'],
  [
    'a foreign namespace',
    metadata().replace('urn:oasis:names:tc:SAML:2.0:metadata', 'urn:x'),
    'entity: no EntityDescriptor, but EntityDescriptor',
  ],
  [
    'no longer valid',
    metadata({ attributes: 'validUntil="2026-11-23T00:00:00Z"' }),
    'valid-until: 2026-11-23T00:00:00Z',
  ],
  ['a day that is none', metadata({ attributes: 'validUntil="soon"' }), 'valid-until: soon'],
  [
    'around it no longer valid',
    `<md:EntitiesDescriptor ${NAMESPACES} validUntil="2026-11-23T00:00:00Z">${metadata()}</md:EntitiesDescriptor>`,
    'valid-until: 2026-12-24T00:00:00Z, 2026-11-23T00:00:00Z',
  ],
  [
    'a duration that is none',
    metadata({ attributes: 'cacheDuration="6 hours"' }),
    'cache-duration: 6 hours',
    'warning',
  ],
  ['a service provider', metadata({ role: 'SPSSODescriptor' }), 'protocol: SPSSODescriptor'],
  [
    'an older protocol',
    metadata({ protocol: 'urn:oasis:names:tc:SAML:1.1:protocol' }),
    'protocol: urn:oasis:names:tc:SAML:1.1:protocol',
  ],
  [
    'another binding',
    metadata({
      services: `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${LOCATION}"/>`,
    }),
    'binding: HTTP-Redirect',
  ],
  ['no log-in at all', metadata({ services: '' }), 'binding: none'],
  [
    'another address',
    metadata({ services: `<md:SingleSignOnService Binding="${POST}" Location="https://evil.example/sso"/>` }),
    'location: https://evil.example/sso',
  ],
  [
    'another format of names',
    metadata({ formats: '<md:NameIDFormat>urn:x:persistent</md:NameIDFormat>' }),
    'name-id-format: urn:x:persistent',
  ],
  ['no certificate', metadata({ keys: '' }), 'signing-certificate: none that can be read'],
  [
    'one for encryption only',
    metadata({ keys: keyDescriptor(GOOD.cert, ' use="encryption"') }),
    'signing-certificate: none that can be read',
  ],
  [
    'one that is none',
    metadata({ keys: keyDescriptor('AAAA') }),
    'signing-certificate: none that can be read',
  ],
]

test.each(VIOLATIONS)('%s', async (_name, body = '', unmet = '', status = 'critical') => {
  const report = await check(body)
  expect(unmetOf(report).map((one) => one.slice(0, unmet.length))).toEqual([unmet])
  expect(statusOf(report)).toBe(status)
})

test('a certificate that ends soon is no outage, and of two the one that lasts counts', async () => {
  const soon = await check(metadata({ keys: keyDescriptor(certificate(5).cert) }))
  expect([statusOf(soon), statusOf(soon, 'certificate')]).toEqual(['ok', 'critical'])
  expect(unmetOf(soon, 'certificate')).toEqual([
    'signing-expiry: signing certificate is valid for 5 days (2026-11-29T12:00Z)',
  ])
  const rollover = await check(
    metadata({ keys: keyDescriptor(certificate(-1).cert) + keyDescriptor(GOOD.cert) }),
  )
  expect(statusOf(rollover, 'certificate')).toBe('ok')
})

test('a key for both uses serves where encryption is required', async () => {
  const settings = { ...SETTINGS, encryption: 'required' }
  expect(unmetOf(await check(metadata(), settings))).toEqual(['encryption-certificate: missing'])
  expect(unmetOf(await check(metadata({ keys: keyDescriptor(GOOD.cert, '') }), settings))).toEqual([])
})

/** A certificate in which bytes stand for something else; its signature does not hold, which is not looked at. */
function altered(pem: string, from: string, to: string): string {
  const der = Buffer.from(plain(pem), 'base64').toString('hex')
  expect(der).toContain(from)
  return Buffer.from(der.replaceAll(from, to), 'hex').toString('base64')
}

/** Object identifiers in DER: the curve P-256, and keys of elliptic curves. */
const UNREADABLE_KEYS = [
  ['on a curve that nobody knows', '06082a8648ce3d030107', '06082a8648ae3d030107'],
  ['of a kind that nobody knows', '06072a8648ce3d0201', '06072a8648ce3d0261'],
] as const

test.each(UNREADABLE_KEYS)('a key %s is the fault of the provider', async (_what, from, to) => {
  const strange = altered(GOOD.cert, from, to)
  const signing = await check(metadata({ keys: keyDescriptor(strange) }))
  expect(unmetOf(signing)).toEqual(['signing-key: a key that cannot be read'])
  expect(statusOf(signing)).toBe('critical')
  const keys = keyDescriptor(GOOD.cert) + keyDescriptor(strange, ' use="encryption"')
  const encryption = await check(metadata({ keys }), { ...SETTINGS, encryption: 'required' })
  expect(unmetOf(encryption)).toEqual([
    expect.stringMatching(/^encryption-certificate: a key that cannot be read, until /),
  ])
  expect(statusOf(encryption)).toBe('critical')
})

test('a time that cannot be read is the fault of the provider, and another certificate counts before it', async () => {
  // "271124120000Z", one year from now, with a month that there is not.
  const strange = altered(
    GOOD.cert,
    Buffer.from('271124').toString('hex'),
    Buffer.from('27xx24').toString('hex'),
  )
  const alone = await check(metadata({ keys: keyDescriptor(strange) }))
  expect(unmetOf(alone, 'certificate')).toEqual([
    'signing-expiry: signing certificate has a time that cannot be read',
  ])
  expect(statusOf(alone, 'certificate')).toBe('critical')
  const beside = await check(metadata({ keys: keyDescriptor(strange) + keyDescriptor(certificate(5).cert) }))
  expect(unmetOf(beside, 'certificate')).toEqual([
    'signing-expiry: signing certificate is valid for 5 days (2026-11-29T12:00Z)',
  ])
})

test('300,000 elements and depth without end are given up', async () => {
  expect(unmetOf(await check(metadata({ keys: '<a/>'.repeat(300_000) })))[0]).toMatch(
    /^xml: more than 20000 elements/,
  )
  expect(unmetOf(await check('<a>'.repeat(200_000)))[0]).toMatch(/^xml: elements more than 100 deep/)
})

// Signatures

const SIGNER = rsaIdentity()

/** openssl makes it: node can sign certificates of elliptic curves only with what the sandbox brings. */
function rsaIdentity(bits = 3072): {
  readonly cert: string
  readonly key: string
  readonly fingerprint: string
} {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const words = `req -x509 -newkey rsa:${bits} -nodes -days 3650 -subj /CN=signer`
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const [text, secret] = [readFileSync(cert, 'utf8'), readFileSync(key, 'utf8')]
  rmSync(folder, { recursive: true })
  return { cert: text, key: secret, fingerprint: new X509Certificate(text).fingerprint256 }
}

interface SignOptions {
  readonly algorithm?: string
  readonly reference?: string
  readonly signer?: { readonly cert: string; readonly key: string }
  readonly digest?: string
}

function signed(xml: string, { algorithm, reference, digest, signer = SIGNER }: SignOptions = {}): string {
  const signature = new SignedXml({
    privateKey: signer.key,
    publicCert: signer.cert,
    signatureAlgorithm: algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  })
  signature.addReference({
    xpath: reference ?? "/*[local-name(.)='EntityDescriptor']",
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
    digestAlgorithm: digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  })
  signature.computeSignature(xml, { location: { reference: '/*', action: 'prepend' } })
  return signature.getSignedXml()
}

const WITH_SIGNER = { ...SETTINGS, signer: SIGNER.fingerprint }
const unmetSigned = async (xml: string) => unmetOf(await check(xml, WITH_SIGNER))

test('a signature by the signer that is known', async () => {
  const report = await check(signed(metadata()), WITH_SIGNER)
  expect(unmetOf(report)).toEqual([])
  expect(conditionsOf(report, 'certificate').map(({ id }) => id)).toEqual(['signer-expiry', 'signing-expiry'])
})

test('no signature, one by another, one that does not hold, one by what is too weak', async () => {
  expect(await unmetSigned(metadata())).toEqual(['signature: it is not signed'])
  const other = rsaIdentity()
  expect((await unmetSigned(signed(metadata(), { signer: other })))[0]).toMatch(/^signature: signed by .*CN=/)
  expect(await unmetSigned(signed(metadata()).replace(LOCATION, 'https://evil.example/sso'))).toEqual([
    'signature: the signature does not hold',
  ])
  const sha1 = signed(metadata(), { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' })
  expect(await unmetSigned(sha1)).toEqual([
    'signature: signed with http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  ])
})

test('a digest by SHA-1, two references, no certificate of the signer', async () => {
  const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'
  expect(await unmetSigned(signed(metadata(), { digest: sha1 }))).toEqual([`signature: digest by ${sha1}`])
  const original = signed(metadata())
  const twice = original.replace(/<(?:\w+:)?Reference .*<\/(?:\w+:)?Reference>/s, '$&$&')
  expect(await unmetSigned(twice)).toEqual(['signature: 2 references in the signature'])
  const anonymous = original.replace(/<(?:\w+:)?X509Certificate>[^<]*<\/(?:\w+:)?X509Certificate>/, '')
  expect(await unmetSigned(anonymous)).toEqual(['signature: the signature names no certificate'])
})

test('a key that is too short for signatures', async () => {
  const of = async (bits: number) => check(metadata({ keys: keyDescriptor(rsaIdentity(bits).cert) }))
  const [weak, broken] = [await of(2048), await of(1024)]
  expect([unmetOf(weak), statusOf(weak)]).toEqual([['signing-key: RSA 2048'], 'warning'])
  expect([unmetOf(broken), statusOf(broken)]).toEqual([['signing-key: RSA 1024'], 'critical'])
})

test('a signature that was moved counts for nothing', async () => {
  const original = signed(metadata())
  const signature = /<(?:\w+:)?Signature .*<\/(?:\w+:)?Signature>/s.exec(original)?.[0] ?? ''
  expect(signature).not.toBe('')
  const evil = (inner: string, id = '_evil') =>
    metadata()
      .replace('ID="_1"', `ID="${id}"`)
      .replace(LOCATION, 'https://evil.example/sso')
      .replace('<md:IDPSSODescriptor', `${inner}<md:IDPSSODescriptor`)
  // The original inside of an extension of the forged one, with its signature there or in front.
  expect(await unmetSigned(evil(`<md:Extensions>${original}</md:Extensions>`))).toEqual([
    'signature: 1 signatures, and not one of the whole',
  ])
  const inside = evil(`${signature}<md:Extensions>${metadata()}</md:Extensions>`)
  expect(await unmetSigned(inside)).toEqual(['signature: the signature is of "#_1" and not of the root'])
  // Both of one name: which of them is signed nobody can tell.
  expect(await unmetSigned(evil(`${signature}<md:Extensions>${metadata()}</md:Extensions>`, '_1'))).toEqual([
    'signature: the signature does not hold',
  ])
  expect(await unmetSigned(original.replace(signature, signature + signature))).toEqual([
    'signature: 2 signatures, and not one of the whole',
  ])
})

test('the metadata of a real implementation', async () => {
  const provider = IdentityProvider({
    entityID: ENTITY,
    signingCert: GOOD.cert,
    encryptCert: GOOD.cert,
    singleSignOnService: [{ Binding: POST, Location: LOCATION }],
    nameIDFormat: ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient'],
  })
  const report = await check(provider.getMetadata(), { ...SETTINGS, encryption: 'required' })
  expect(unmetOf(report)).toEqual([])
  const other = await check(provider.getMetadata(), { ...SETTINGS, entityId: 'https://other.example' })
  expect(unmetOf(other)).toEqual([`entity: ${ENTITY}`])
})
