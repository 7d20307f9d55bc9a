import type { X509Certificate } from 'node:crypto'
import { isProtectedWeb } from '../../config/protected.ts'
import { defineKind } from '../kind.ts'
import { expectValid } from '../probe/expiry.ts'
import { describe, requireStatus, whatElse } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { keyStrength } from '../probe/strength.ts'
import { certificateFacts } from '../probe/tls-facts.ts'
import { certificateIn, verifyDocument } from '../saml-signature.ts'
import { address, choice, optional, text } from '../settings.ts'
import { childOf, childrenOf, nodesIn, readXmlDocument, type XmlNode } from '../xml-document.ts'

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata'
const DS = 'http://www.w3.org/2000/09/xmldsig#'
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol'
const BINDINGS = {
  POST: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  Redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
} as const
/** A federation has thousands of entities; an account service is one. */
const MOST_ELEMENTS = 20_000
const MOST_BYTES = 4 << 20

/** A Servicekonto by SAML 2.0, judged by its metadata. */
export const saml = defineKind({
  id: 'saml',
  title: 'SAML 2.0 metadata of an identity provider',
  schemes: ['https:', 'http:'],
  credentials: 'none',
  source:
    'SAML 2.0 Metadata §2.3 and §2.4, Metadata Interoperability Profile 1.0 §2.5, XML Signature; BSI TR-02102-1 for keys',
  healthy:
    'The metadata describes the identity provider, is still valid, offers the wanted binding, and has a certificate for signatures that lasts; where its signer is known, the signature holds.',
  settings: {
    entityId: text('entityID of the identity provider.'),
    binding: optional(choice('Binding that portals use for log-ins.', ['POST', 'Redirect']), 'POST'),
    location: optional(address('Address for log-ins that is expected there.')),
    nameIdFormat: optional(text('Format of names that has to be offered, where any is listed.')),
    encryption: optional(
      choice('Whether a certificate for encryption has to be there.', ['required', 'optional']),
      'optional',
    ),
    signer: optional(
      text(
        'SHA-256 fingerprint of the certificate that signs the metadata.',
        /^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
      ),
    ),
  },
  conditions: {
    'metadata-status': 'The metadata is there.',
    xml: 'It is well-formed XML without DOCTYPE, of a usual size.',
    signature: 'It is signed by the signer that is known.',
    'signer-expiry': 'The certificate of the signer lasts (part certificate).',
    entity: 'It describes the identity provider, once.',
    'valid-until': 'It says to be valid still.',
    'cache-duration': 'What it says of caching can be read.',
    protocol: 'It is an identity provider of SAML 2.0.',
    binding: 'Log-ins are taken by the binding that portals use.',
    location: 'They are taken at the address that is expected.',
    'name-id-format': 'The format of names is offered.',
    'signing-certificate': 'There is a certificate to verify its signatures with.',
    'signing-expiry': 'The one that lasts longest is valid (part certificate).',
    'signing-key': 'Its key is strong enough.',
    'encryption-certificate': 'There is a certificate to encrypt for.',
    'encryption-expiry': 'It is still valid (part certificate).',
  },
  check: async (probe, settings) => {
    const reply = await probe.http('metadata', { url: probe.url, maxBytes: MOST_BYTES })
    requireStatus(probe, 'metadata', reply)
    const reading = readXmlDocument(reply.body, { elements: MOST_ELEMENTS })
    probe.require('xml', {
      met: reading.ok,
      expected: 'XML',
      seen: reading.ok ? 'XML' : `${reading.message}; ${whatElse(reply)}`,
    })
    if (!reading.ok) return
    const root =
      settings.signer === undefined
        ? reading.root
        : await verified(probe, reply.body, reading.root, settings.signer)
    const { entity, parents } = entityIn(probe, root, settings.entityId)
    expectFresh(probe, [entity, ...parents])
    const provider = providerIn(probe, entity)
    expectSignOn(probe, provider, BINDINGS[settings.binding], settings.location)
    expectFormat(probe, provider, settings.nameIdFormat)
    expectCertificates(probe, provider, settings.encryption)
  },
})

async function verified(probe: Probe, bytes: Buffer, root: XmlNode, signer: string): Promise<XmlNode> {
  const result = await verifyDocument(bytes, root, signer, MOST_ELEMENTS)
  probe.require('signature', {
    met: result.ok,
    expected: `a signature by ${signer}`,
    seen: result.ok ? 'a signature that holds' : result.message,
  })
  if (!result.ok) return root
  expectValid(probe, 'signer-expiry', 'certificate of the signer', certificateFacts(result.signer))
  return result.root
}

function entityIn(probe: Probe, root: XmlNode, entityId: string) {
  const all = [...nodesIn(root)].filter(({ uri, local }) => uri === MD && local === 'EntityDescriptor')
  const found = all.filter(({ attributes }) => attributes.get('entityID') === entityId)
  const [entity] = found
  probe.require('entity', {
    met: entity !== undefined && found.length === 1,
    expected: entityId,
    seen:
      found.length > 1
        ? `${found.length} times`
        : all.length === 0
          ? `no EntityDescriptor, but ${root.local}`
          : all
              .slice(0, 5)
              .map(({ attributes }) => attributes.get('entityID') ?? 'none')
              .join(', '),
  })
  return { entity: entity ?? root, parents: entity === undefined ? [] : pathTo(root, entity) }
}

/** What is around a node, from the top. */
function pathTo(root: XmlNode, target: XmlNode): readonly XmlNode[] {
  const path: XmlNode[] = []
  for (let node: XmlNode | undefined = root; node !== undefined && node !== target; ) {
    path.push(node)
    node = node.children.find((child) => [...nodesIn(child)].includes(target))
  }
  return path
}

/** §2.3.1: validUntil and cacheDuration; of several the earliest counts. */
function expectFresh(probe: Probe, nodes: readonly XmlNode[]): void {
  const until = nodes.flatMap(({ attributes }) => attributes.get('validUntil') ?? [])
  const ends = until.map((value) => Date.parse(value))
  const first = Math.min(...ends)
  if (until.length > 0)
    probe.expect('valid-until', {
      met: ends.every((end) => !Number.isNaN(end)) && first > probe.now.getTime(),
      expected: `later than ${probe.now.toISOString().slice(0, 16)}Z`,
      seen: until.join(', '),
      hint: 'Portals refuse it: the provider has to publish it anew.',
    })
  const durations = nodes.flatMap(({ attributes }) => attributes.get('cacheDuration') ?? [])
  if (durations.length > 0)
    probe.expect('cache-duration', {
      met: durations.every((value) => DURATION.test(value)),
      severity: 'warning',
      expected: 'a duration like PT6H',
      seen: durations.join(', '),
    })
}

/** XML Schema 1.0 part 2 §3.2.6. */
const DURATION =
  /^P(?=.)(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}D)?(T(?=.)(\d{1,6}H)?(\d{1,6}M)?(\d{1,6}(\.\d{1,9})?S)?)?$/

function providerIn(probe: Probe, entity: XmlNode): XmlNode {
  const all = childrenOf(entity, MD, 'IDPSSODescriptor')
  const found = all.find((one) => protocolsOf(one).includes(PROTOCOL))
  probe.require('protocol', {
    met: found !== undefined,
    expected: 'an IDPSSODescriptor for SAML 2.0',
    seen:
      all.length === 0
        ? entity.children
            .map(({ local }) => local)
            .slice(0, 5)
            .join(', ') || 'nothing'
        : all.flatMap(protocolsOf).join(', '),
  })
  return found ?? entity
}

const protocolsOf = ({ attributes }: XmlNode): readonly string[] =>
  (attributes.get('protocolSupportEnumeration') ?? '').split(/\s+/).filter((one) => one !== '')

function expectSignOn(probe: Probe, provider: XmlNode, binding: string, wanted: URL | undefined): void {
  const services = childrenOf(provider, MD, 'SingleSignOnService')
  const locations = services
    .filter(({ attributes }) => attributes.get('Binding') === binding)
    .map(({ attributes }) => attributes.get('Location') ?? '')
  probe.expect('binding', {
    met: locations.length > 0,
    expected: shortBinding(binding),
    seen:
      services.map(({ attributes }) => shortBinding(attributes.get('Binding') ?? 'none')).join(', ') ||
      'none',
  })
  if (locations.length === 0) return
  const isRight = (location: string): boolean =>
    wanted === undefined ? isProtected(location) : URL.parse(location)?.href === wanted.href
  probe.expect('location', {
    met: locations.some(isRight),
    expected: wanted?.href ?? 'an https address',
    seen: locations.slice(0, 3).join(', '),
  })
}

const shortBinding = (binding: string): string => binding.replace('urn:oasis:names:tc:SAML:2.0:bindings:', '')

function isProtected(location: string): boolean {
  const url = URL.parse(location)
  return url !== null && isProtectedWeb(url)
}

/** Where no format is listed, any may be asked for (§2.4.1). */
function expectFormat(probe: Probe, provider: XmlNode, wanted: string | undefined): void {
  const formats = childrenOf(provider, MD, 'NameIDFormat').map((node) => node.text.trim())
  if (wanted === undefined || formats.length === 0) return
  probe.expect('name-id-format', {
    met: formats.includes(wanted),
    expected: wanted,
    seen: formats.slice(0, 10).join(', '),
  })
}

function expectCertificates(probe: Probe, provider: XmlNode, encryption: 'required' | 'optional'): void {
  const signing = certificatesFor(provider, 'signing')
  const best = lasting(signing)
  probe.expect('signing-certificate', {
    met: best !== undefined,
    expected: 'a certificate for signatures',
    seen: best === undefined ? 'none that can be read' : `${signing.length}, until ${best.validTo}`,
  })
  if (best !== undefined) {
    expectValid(probe, 'signing-expiry', 'signing certificate', certificateFacts(best))
    const { name, grade } = keyStrength(best)
    probe.expect('signing-key', {
      met: grade === 'good',
      severity: grade === 'broken' ? 'critical' : 'warning',
      expected: 'RSA 3000 bit, EC 250 bit, or more',
      seen: name,
    })
  }
  const encrypting = lasting(certificatesFor(provider, 'encryption'))
  const key = encrypting === undefined ? undefined : keyStrength(encrypting)
  if (encryption === 'required')
    probe.expect('encryption-certificate', {
      met: encrypting !== undefined && key?.grade !== 'broken',
      expected: 'a certificate for encryption',
      seen:
        encrypting === undefined
          ? describe(undefined)
          : `${key?.name ?? 'none'}, until ${encrypting.validTo}`,
    })
  if (encrypting !== undefined && encryption === 'required')
    expectValid(probe, 'encryption-expiry', 'encryption certificate', certificateFacts(encrypting))
}

/** §2.4.1.1: a KeyDescriptor without `use` is for both. */
function certificatesFor(provider: XmlNode, use: 'signing' | 'encryption'): readonly X509Certificate[] {
  return childrenOf(provider, MD, 'KeyDescriptor')
    .filter(({ attributes }) => (attributes.get('use') ?? use) === use)
    .flatMap((descriptor) => childrenOf(childOf(descriptor, DS, 'KeyInfo') ?? descriptor, DS, 'X509Data'))
    .flatMap((data) => childrenOf(data, DS, 'X509Certificate'))
    .slice(0, 20)
    .flatMap((node) => certificateIn(node) ?? [])
}

/** Two are a change of keys under way: what counts is the one that lasts longest. */
const lasting = (certificates: readonly X509Certificate[]): X509Certificate | undefined =>
  certificates.toSorted((a, b) => certificateFacts(b).validTo - certificateFacts(a).validTo)[0]
