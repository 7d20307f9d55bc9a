import { defineKind } from '../kind.ts'
import type { HttpReply } from '../probe/exchange.ts'
import { requireStatus, whatElse } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { choice, optional, text, texts } from '../settings.ts'
import { childrenOf, nodesIn, readXmlDocument, type XmlNode } from '../xml-document.ts'

const WSDL = 'http://schemas.xmlsoap.org/wsdl/'
const ENVELOPES = ['http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/']
const MOST_ELEMENTS = 50_000
const MOST_BYTES = 4 << 20
const XTA = 'http://xoev.de/transport/xta/211'
const XTA_ACTION = 'http://www.xta.de/XTA/CheckAccountActive'

/** Web services by SOAP: their description, and where there is one that changes nothing, a call. */
export const soap = defineKind({
  id: 'soap',
  title: 'SOAP web service with its WSDL; XTA 2',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source: 'WSDL 1.1 §2, SOAP 1.2 part 1 §5, WS-Addressing 1.0 SOAP binding, XTA 2.1.1 (checkAccountActive)',
  healthy:
    'The WSDL has the expected namespace and port types. With xta-check-account-active the service accepts the account; with empty it answers an empty envelope with an envelope, be it a fault.',
  settings: {
    wsdl: optional(
      text('Address of the WSDL, from that of the connector on; none asks for no WSDL.'),
      '?wsdl',
    ),
    namespace: optional(text('Target namespace that is expected.')),
    portTypes: optional(texts('Names of port types that have to be there.'), []),
    operation: optional(
      choice('What is called; nothing changes anything.', ['none', 'empty', 'xta-check-account-active']),
      'none',
    ),
    authorIdentifier: optional(text('Kennung of the account for XTA, e.g. ags:03459014.')),
    authorType: optional(text('How the Kennung is to be read.'), 'xöv'),
  },
  conditions: {
    'wsdl-status': 'The WSDL is there.',
    'wsdl-xml': 'It is well-formed XML without DOCTYPE.',
    definitions: 'It is a WSDL.',
    namespace: 'It has the namespace that is expected.',
    'port-types': 'It has the port types that are expected.',
    'service-port': 'It says where a service is.',
    'call-xml': 'The service answers with XML.',
    envelope: 'It answers with an envelope of SOAP.',
    account: 'The account is active (XTA).',
  },
  check: async (probe, settings) => {
    if (settings.wsdl !== 'none') expectDefinitions(probe, await wsdlOf(probe, settings.wsdl), settings)
    switch (settings.operation) {
      case 'none':
        return
      case 'empty':
        expectEnvelope(probe, await call(probe, envelope('', ''), undefined))
        return
      case 'xta-check-account-active':
        return checkAccount(probe, settings.authorIdentifier, settings.authorType)
    }
  },
})

async function wsdlOf(probe: Probe, address: string): Promise<XmlNode> {
  const url = new URL(address, probe.url)
  const reply = await probe.http('wsdl', { url, headers: await probe.basic(), maxBytes: MOST_BYTES })
  requireStatus(probe, 'wsdl', reply)
  const root = requireXml(probe, 'wsdl-xml', reply)
  probe.require('definitions', {
    met: root.uri === WSDL && root.local === 'definitions',
    expected: 'definitions of WSDL 1.1',
    seen: `${root.local} in ${root.uri || 'no namespace'}`,
  })
  return root
}

function requireXml(probe: Probe, id: string, reply: HttpReply): XmlNode {
  const reading = readXmlDocument(reply.body, { elements: MOST_ELEMENTS })
  probe.require(id, {
    met: reading.ok,
    expected: 'XML',
    seen: reading.ok ? 'XML' : `HTTP ${reply.status}, ${reading.message}; ${whatElse(reply)}`,
  })
  // Never without: an unmet condition has ended the check.
  return reading.ok ? reading.root : { uri: '', local: '', attributes: new Map(), children: [], text: '' }
}

function expectDefinitions(
  probe: Probe,
  root: XmlNode,
  { namespace, portTypes }: { readonly namespace: string | undefined; readonly portTypes: readonly string[] },
): void {
  const target = root.attributes.get('targetNamespace') ?? 'none'
  if (namespace !== undefined)
    probe.expect('namespace', { met: target === namespace, expected: namespace, seen: target })
  const found = childrenOf(root, WSDL, 'portType').map((node) => node.attributes.get('name') ?? '')
  const imported = childrenOf(root, WSDL, 'import').length
  if (portTypes.length > 0)
    probe.expect('port-types', {
      met: portTypes.every((name) => found.includes(name)),
      expected: portTypes.join(', '),
      seen:
        found.slice(0, 10).join(', ') ||
        `none${imported > 0 ? `, ${imported} imports that are not followed` : ''}`,
    })
  const ports = childrenOf(root, WSDL, 'service').flatMap((service) => childrenOf(service, WSDL, 'port'))
  const locations = ports.flatMap((port) =>
    port.children.flatMap((node) => node.attributes.get('location') ?? []),
  )
  probe.expect('service-port', {
    met: locations.length > 0 || imported > 0,
    // A WSDL that is published for all who run the service has none.
    severity: 'warning',
    expected: 'an address of a service',
    seen: locations.slice(0, 3).join(', ') || 'none',
  })
}

const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, (letter) => `&#${letter.codePointAt(0) ?? 0};`)

/** An envelope of SOAP 1.2. @param header and body as XML that is complete in itself */
function envelope(header: string, body: string): string {
  const [soap] = ENVELOPES
  return `<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="${soap}"><env:Header>${header}</env:Header><env:Body>${body}</env:Body></env:Envelope>`
}

async function call(probe: Probe, body: string, action: string | undefined): Promise<HttpReply> {
  const parameter = action === undefined ? '' : `; action="${action}"`
  const headers = {
    'content-type': `application/soap+xml; charset=utf-8${parameter}`,
    accept: 'application/soap+xml, multipart/related, text/xml',
  }
  return probe.http('call', {
    url: probe.url,
    method: 'POST',
    headers: { ...headers, ...(await probe.basic()) },
    body,
    maxBytes: MOST_BYTES,
  })
}

/** @returns what stands in the body; undefined for an empty one */
function expectEnvelope(probe: Probe, reply: HttpReply): XmlNode | undefined {
  const root = requireXml(probe, 'call-xml', { ...reply, body: rootPart(reply) })
  probe.require('envelope', {
    met: root.local === 'Envelope' && ENVELOPES.includes(root.uri),
    expected: 'an envelope of SOAP',
    seen: `HTTP ${reply.status}, ${root.local} in ${root.uri || 'no namespace'}`,
  })
  return childrenOf(root, root.uri, 'Body')[0]?.children[0]
}

/** MTOM wraps the envelope into the first part of a multipart body (RFC 2387). */
function rootPart({ headers, body }: HttpReply): Buffer {
  const type = headers['content-type'] ?? ''
  const boundary = /^multipart\/related/i.test(type)
    ? /boundary="?([^";\s]{1,70})"?/i.exec(type)?.[1]
    : undefined
  if (boundary === undefined) return body
  const begin = body.indexOf('\r\n\r\n', Math.max(0, body.indexOf(`--${boundary}`)))
  const end = body.indexOf(`\r\n--${boundary}`, begin)
  return begin < 0 ? body : body.subarray(begin + 4, end < 0 ? undefined : end)
}

/** XTA 2.1.1 §5.4.1.1: tests the connection and the account, and does nothing else. */
async function checkAccount(probe: Probe, identifier: string | undefined, type: string): Promise<void> {
  const author =
    identifier === undefined
      ? ''
      : `<osci:Author xmlns:osci="http://www.osci.eu/ws/2014/10/transport"><osci:Identifier type="${escaped(type)}">${escaped(identifier)}</osci:Identifier></osci:Author>`
  const wsa = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'
  const addressing = `<wsa:Action ${wsa}>${XTA_ACTION}</wsa:Action><wsa:To ${wsa}>${escaped(probe.url.href)}</wsa:To><wsa:MessageID ${wsa}>urn:uuid:${crypto.randomUUID()}</wsa:MessageID>`
  const inner = expectEnvelope(probe, await call(probe, envelope(addressing + author, ''), XTA_ACTION))
  probe.expect('account', {
    met: inner === undefined,
    expected: 'an empty answer',
    seen: inner === undefined ? 'an empty answer' : faultWords(inner),
    hint: 'Is the Kennung in authorIdentifier right, and the certificate of the client registered for it?',
  })
}

/** The exception of XTA that a fault carries, or its reason. */
function faultWords(node: XmlNode): string {
  if (node.local !== 'Fault') return `${node.local} in ${node.uri}`
  const all = [...nodesIn(node)]
  const exception = all.find(({ uri, local }) => uri === XTA && local.endsWith('Exception'))
  const reason = all.find(({ local }) => local === 'Text' || local === 'faultstring')
  return (
    [exception?.local, reason?.text.trim()].filter((word) => word !== undefined && word !== '').join(': ') ||
    'a fault'
  )
}
