import type { System } from './model.ts'
import { unpublished } from './unpublished.ts'

export const PORTAL: readonly System[] = [
  {
    id: 'liferay',
    title: 'Portal on Liferay (OpenR@thaus)',
    vendor: 'ITEBO and other providers, on Liferay DXP',
    category: 'portal',
    kind: 'liferay',
    alternatives: ['http', 'tls'],
    defaults: {},
    evidence: 'vendor',
    sources: ['OpenAPI of Liferay DXP 2025.Q3: OAuth 2 and headless-admin-user.'],
    healthy: 'It gives a token, says whose it is, and has the interfaces that are needed.',
    // Everything begins there.
    affects: 'all',
    remarks:
      'This asks the interface; what people see takes http with a condition on the page at https://{host}/.',
  },
  unpublished({
    id: 'or-finanz',
    title: 'OR-Finanz',
    vendor: 'ITEBO',
    category: 'module',
    affects: 'none',
    remarks: 'The module of the portal that hands bookings to the finance system: check that one, too.',
  }),
  unpublished({
    id: 'or-connect',
    title: 'OR-Connect',
    vendor: 'ITEBO',
    category: 'module',
    affects: 'none',
    remarks:
      'The exchange of services between portals of a network. Whether it shows what it should, network check tells.',
  }),
  unpublished({
    id: 'or-dms',
    title: 'OR-DMS',
    vendor: 'ITEBO',
    category: 'module',
    affects: 'none',
    remarks: 'The module of the portal that files documents: check the DMS behind it, too.',
  }),
]
