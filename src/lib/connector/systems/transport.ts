import type { System } from './model.ts'

/**
 * Which Leistungen go over which transport differs from house to house; what is sent waits and is not lost. So nothing is
 * called broken by itself.
 */
const affects = 'none'
const remarks = 'Applications wait while it is away. Name in affects the Leistungen that depend on it.'
const FIT =
  'Clients of FIT-Connect and its OpenAPI of routing; no OpenAPI of submission and destination was found.'

export const TRANSPORT: readonly System[] = [
  {
    id: 'xta2',
    title: 'XTA 2',
    vendor: 'standard of the KoSIT, served by several providers',
    category: 'transport',
    kind: 'soap',
    alternatives: ['tls'],
    defaults: {
      namespace: 'http://xoev.de/transport/xta/211',
      portTypes: ['managementPortType', 'sendPortType', 'msgBoxPortType'],
      operation: 'xta-check-account-active',
    },
    evidence: 'standard',
    sources: [
      'XTA 2.1.1: WSDL, and §5.4.1.1 checkAccountActive, which is there to test connection and account.',
    ],
    healthy: 'The WSDL has the port types of XTA, and the account is active.',
    affects,
    remarks: `${remarks} It wants a certificate of the client: tls.pfx. Where no WSDL is served, set wsdl: none.`,
  },
  {
    id: 'osci-intermediary',
    title: 'OSCI intermediary',
    vendor: 'Governikus and others',
    category: 'transport',
    kind: 'soap',
    alternatives: ['tls', 'http'],
    defaults: { wsdl: 'none', operation: 'empty' },
    evidence: 'standard',
    sources: [
      'OSCI 1.2 is SOAP over HTTP with encryption of messages, which ozgctl does not do.',
      'An empty envelope asks for nothing, and is answered with an envelope or a fault.',
    ],
    healthy:
      'A processor of SOAP answers an empty envelope. Whether messages are delivered cannot be told from here.',
    affects,
    remarks,
  },
  {
    id: 'dvdv',
    title: 'DVDV',
    vendor: 'Bundesverwaltungsamt, ITZBund and the DVDV servers of the Länder',
    category: 'transport',
    kind: 'http',
    alternatives: ['tls'],
    defaults: { conditions: [{ status: 200 }, { header: 'content-type', contains: 'json' }] },
    evidence: 'observed',
    sources: [
      'A client of DVDV 2 asks GET intern/directory/v2/version or extern/…/v2/version for its health.',
    ],
    healthy: 'The directory tells its version as JSON. Add a condition on the version that you expect.',
    affects,
    remarks: `${remarks} The address ends with /directory/v2/version.`,
  },
  {
    id: 'fit-connect-submission',
    title: 'FIT-Connect, submission',
    vendor: 'FITKO',
    category: 'transport',
    kind: 'fitconnect',
    alternatives: ['tls'],
    defaults: { url: 'https://prod.fit-connect.fitko.net/submission-api', api: 'submission' },
    evidence: 'observed',
    sources: [FIT],
    healthy:
      'Its keys are there; with destinationId the Zustellpunkt is active and has a key to encrypt for.',
    affects,
    remarks: `${remarks} The test system is test.fit-connect.fitko.dev.`,
  },
  {
    id: 'fit-connect-destination',
    title: 'FIT-Connect, destination',
    vendor: 'FITKO',
    category: 'transport',
    kind: 'fitconnect',
    alternatives: ['oauth2', 'tls'],
    defaults: {
      url: 'https://prod.fit-connect.fitko.net/destination-api',
      api: 'destination',
      tokenUrl: 'https://auth-prod.fit-connect.fitko.net/token',
    },
    evidence: 'observed',
    sources: [FIT],
    healthy: 'The token is accepted, and the Zustellpunkt is active.',
    affects,
    remarks: `${remarks} It needs credentials of a subscriber. The test system is test.fit-connect.fitko.dev.`,
  },
  {
    id: 'fit-connect-routing',
    title: 'FIT-Connect, routing',
    vendor: 'FITKO',
    category: 'transport',
    kind: 'fitconnect',
    alternatives: ['tls'],
    defaults: { url: 'https://routing-api-prod.fit-connect.fitko.net/v2', api: 'routing' },
    evidence: 'standard',
    sources: ['FIT-Connect Routing API 2.0.0 (OpenAPI).'],
    healthy:
      'It tells its version; with leikaKey and ars it leads to the Zustellpunkt with a signed answer that names both.',
    affects,
    remarks: `${remarks} Keep checks apart in time: it counts questions.`,
  },
]
