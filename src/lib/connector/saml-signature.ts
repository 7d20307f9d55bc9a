import { X509Certificate } from 'node:crypto'
import { childOf, childrenOf, nodesIn, readXmlDocument, type XmlNode } from './xml-document.ts'

const DS = 'http://www.w3.org/2000/09/xmldsig#'
const ALGORITHMS = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]
const DIGESTS = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']
const TRANSFORMS = [
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
]

/** A document whose signature holds, or why not. */
export type Verified =
  | { readonly ok: true; readonly root: XmlNode; readonly signer: X509Certificate }
  | { readonly ok: false; readonly message: string }

const no = (message: string): Verified => ({ ok: false, message })

/**
 * Verifies the signature of a metadata document (SAML 2.0 Core §5, XML Signature) by a certificate that is known by its
 * fingerprint. What is answered is read from the very bytes that are signed, so that nothing that was moved around them
 * counts (signature wrapping); the document has one signature, of its root and of nothing else.
 * @param fingerprint SHA-256 of the certificate, hex with or without colons
 */
export async function verifyDocument(
  bytes: Uint8Array,
  root: XmlNode,
  fingerprint: string,
  elements: number,
): Promise<Verified> {
  const found = [...nodesIn(root)].filter(({ uri, local }) => uri === DS && local === 'Signature')
  const [signature] = childrenOf(root, DS, 'Signature')
  if (found.length === 0) return no('it is not signed')
  if (signature === undefined || found.length > 1)
    return no(`${found.length} signatures, and not one of the whole`)
  const problem = signedInfoProblem(signature, root)
  if (problem !== undefined) return no(problem)
  const signer = signerIn(signature)
  if (signer === undefined) return no('the signature names no certificate')
  if (plain(signer.fingerprint256) !== plain(fingerprint))
    return no(`signed by ${signer.subject.replaceAll('\n', ', ')} with ${signer.fingerprint256}`)
  const signed = await signedBytes(bytes, signer)
  if (signed === undefined) return no('the signature does not hold')
  const reading = readXmlDocument(Buffer.from(signed), { elements })
  return reading.ok ? { ok: true, root: reading.root, signer } : no(reading.message)
}

const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '').toUpperCase()

/** What is odd about what the signature says that it signs. */
function signedInfoProblem(signature: XmlNode, root: XmlNode): string | undefined {
  const info = childOf(signature, DS, 'SignedInfo')
  const references = info === undefined ? [] : childrenOf(info, DS, 'Reference')
  const [reference] = references
  if (reference === undefined || references.length > 1)
    return `${references.length} references in the signature`
  const target = reference.attributes.get('URI')
  if (target !== '' && target !== `#${root.attributes.get('ID') ?? ''}`)
    return `the signature is of ${JSON.stringify(target ?? 'nothing')} and not of the root`
  const algorithm = algorithmOf(info, 'SignatureMethod')
  if (!ALGORITHMS.includes(algorithm)) return `signed with ${algorithm}`
  const digest = algorithmOf(reference, 'DigestMethod')
  if (!DIGESTS.includes(digest)) return `digest by ${digest}`
  const transforms = childOf(reference, DS, 'Transforms')?.children ?? []
  const other = transforms
    .map((one) => one.attributes.get('Algorithm') ?? '')
    .find((one) => !TRANSFORMS.includes(one))
  return other === undefined ? undefined : `transformed by ${other}`
}

const algorithmOf = (node: XmlNode | undefined, name: string): string =>
  childOf(node, DS, name)?.attributes.get('Algorithm') ?? 'nothing'

function signerIn(signature: XmlNode): X509Certificate | undefined {
  const data = childOf(childOf(signature, DS, 'KeyInfo'), DS, 'X509Data')
  return certificateIn(childOf(data, DS, 'X509Certificate'))
}

/** The certificate in an element `X509Certificate`. */
export function certificateIn(node: XmlNode | undefined): X509Certificate | undefined {
  try {
    return node === undefined ? undefined : new X509Certificate(Buffer.from(node.text, 'base64'))
  } catch {
    return undefined
  }
}

/** @returns the canonical text that the signature covers; undefined when it does not hold */
async function signedBytes(bytes: Uint8Array, signer: X509Certificate): Promise<string | undefined> {
  const { DOMParser } = await import('@xmldom/xmldom')
  const { SignedXml } = await import('xml-crypto')
  const xml = Buffer.from(bytes).toString('utf8')
  try {
    const document = new DOMParser().parseFromString(xml, 'text/xml')
    const node = document.getElementsByTagNameNS(DS, 'Signature')[0]
    if (node === undefined) return undefined
    // The key is the one that is trusted, and never one that the document brings.
    const verifier = new SignedXml({ publicCert: signer.toString(), getCertFromKeyInfo: () => null })
    verifier.loadSignature(node as unknown as Node)
    if (!verifier.checkSignature(xml)) return undefined
    const references = verifier.getSignedReferences()
    return references.length === 1 ? references[0] : undefined
  } catch {
    return undefined
  }
}
