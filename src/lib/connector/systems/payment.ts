import type { System } from './model.ts'

/**
 * Which Leistungen cost a fee differs from town to town, and nobody publishes it: `all` would call services broken that
 * work. A house that knows names them in `affects`.
 */
const affects = 'none'
const remarks = 'Services with a fee cannot be finished while it is away: name them in affects.'

export const PAYMENT: readonly System[] = [
  {
    id: 'pmpayment',
    title: 'pmPayment',
    vendor: 'GovConnect',
    category: 'payment',
    kind: 'oauth2',
    alternatives: ['tls', 'http'],
    defaults: { clientAuthentication: 'post' },
    evidence: 'observed',
    sources: [
      'Clients fetch a token by client credentials at /oauth/token/ of payment.govconnect.de and payment-test.govconnect.de.',
      'No ping is known, and a payment is never begun to try.',
    ],
    healthy: 'It gives a token for the credentials of the municipality.',
    affects,
    remarks,
  },
  {
    id: 'epaybl',
    title: 'ePayBL',
    vendor: 'ePayBL-Entwicklergemeinschaft of Bund and Länder',
    category: 'payment',
    kind: 'epaybl',
    alternatives: ['tls'],
    defaults: {},
    evidence: 'observed',
    sources: [
      'Several clients ask status and zahlverfahren below /epayment/fachverfahren/v1_0/mandanten/…/bewirtschafter/… with a certificate.',
    ],
    healthy: 'For Mandant and Bewirtschafter the status is +0000, and there is a way to pay.',
    affects,
    remarks: `${remarks} The address ends before /epayment; the certificate of the client goes into tls.pfx.`,
  },
  {
    id: 'xbezahldienste',
    title: 'XBezahldienste',
    vendor: 'standard of the KoSIT, served by several providers',
    category: 'payment',
    kind: 'oauth2',
    alternatives: ['tls', 'http', 'epaybl'],
    defaults: {},
    evidence: 'standard',
    sources: [
      'The standard has no ping: its operations begin payments or ask for one that was begun.',
      'Providers authorise by OAuth 2 (pmPayment) or by certificates of the client (ePayBL).',
    ],
    healthy: 'Its provider gives a token; with a provider that works with certificates, use tls.',
    affects,
    remarks,
  },
]
