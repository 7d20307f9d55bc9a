import { httpStandIn } from './http-stand-in.ts'

const XTA = 'http://xoev.de/transport/xta/211'
const ENVELOPE = 'http://www.w3.org/2003/05/soap-envelope'
const PORT_TYPES = ['managementPortType', 'sendPortType', 'msgBoxPortType']

const wsdl = (origin: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap12/" targetNamespace="${XTA}" name="XTA-Webservice">
${PORT_TYPES.map((name) => `  <portType name="${name}"/>`).join('\n')}
  <service name="XTAService"><port name="managementPort" binding="management"><soap:address location="${origin}/xta"/></port></service>
</definitions>
`

const envelope = (body: string): string =>
  `<env:Envelope xmlns:env="${ENVELOPE}"><env:Header/><env:Body>${body}</env:Body></env:Envelope>`

const denied = envelope(
  `<env:Fault><env:Code><env:Value>env:Sender</env:Value></env:Code><env:Reason><env:Text xml:lang="de">Konto gesperrt</env:Text></env:Reason><env:Detail><xta:PermissionDeniedException xmlns:xta="${XTA}"/></env:Detail></env:Fault>`,
)

/** A web service of XTA 2 with an account that is active. */
export const soap = httpStandIn({
  kind: 'soap',
  wrong: 'The account is locked: PermissionDeniedException.',
  path: '/xta',
  wantsCredentials: false,
  settings: () => ({
    namespace: XTA,
    portTypes: PORT_TYPES,
    operation: 'xta-check-account-active',
    authorIdentifier: 'ags:03459014',
  }),
  reply: ({ method, path, query, body, origin }, mode) => {
    if (path !== '/xta') return { status: 404 }
    if (method === 'GET' && query.has('wsdl'))
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: wsdl(origin) }
    const isCheck = method === 'POST' && body.includes('http://www.xta.de/XTA/CheckAccountActive')
    const isFault = mode === 'wrong' || !isCheck
    return {
      status: isFault ? 500 : 200,
      headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
      body: isFault ? denied : envelope(''),
    }
  },
})
