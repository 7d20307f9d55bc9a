import { selfSigned } from '../self-signed.ts'
import { httpStandIn } from './http-stand-in.ts'

const DAY_MS = 86_400_000
let certificate: string | undefined

/** The metadata of an identity provider. */
export const saml = httpStandIn({
  kind: 'saml',
  wrong: 'The metadata is no longer valid: nobody has published it anew.',
  path: '/idp/metadata',
  wantsCredentials: false,
  settings: (origin) => ({ entityId: `${origin}/idp`, location: `${origin}/idp/sso` }),
  reply: ({ path, origin }, mode, { now }) => {
    if (path !== '/idp/metadata') return { status: 404 }
    const time = now().getTime()
    certificate ??= selfSigned({
      commonName: 'ozgctl sandbox',
      names: ['localhost'],
      notBefore: time - DAY_MS,
      notAfter: time + 365 * DAY_MS,
    }).cert.replace(/-----[A-Z ]+-----|\s/g, '')
    const validUntil = new Date(time + (mode === 'wrong' ? -1 : 7) * DAY_MS).toISOString()
    return {
      status: 200,
      headers: { 'content-type': 'application/samlmetadata+xml' },
      body: `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${origin}/idp" validUntil="${validUntil}" cacheDuration="PT6H">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${origin}/idp/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`,
    }
  },
})
