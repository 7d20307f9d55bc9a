import type { System } from './model.ts'

const remarks =
  'Files wait while it is away, and people notice nothing at once. Where a service reads from it, name the Leistungen in affects.'

export const DMS: readonly System[] = [
  {
    id: 'enaio',
    title: 'enaio',
    vendor: 'OPTIMAL SYSTEMS',
    category: 'dms',
    kind: 'enaio',
    alternatives: ['cmis', 'tls'],
    defaults: {},
    evidence: 'vendor',
    sources: [
      'ngx-enaio of the vendor (2020): services serviceinfo, serviceinfo/ping and session of the gateway.',
    ],
    healthy: 'The gateway answers a ping, names its version, and with credentials opens a session.',
    affects: 'none',
    remarks: `${remarks} The address ends before /osrest.`,
  },
  {
    id: 'd3',
    title: 'd.velop documents (d.3)',
    vendor: 'd.velop',
    category: 'dms',
    kind: 'dvelop',
    alternatives: ['cmis', 'tls'],
    defaults: {},
    evidence: 'vendor',
    sources: ['dvelop-sdk-node of the vendor: identityprovider and dms as HAL documents.'],
    healthy: 'Identity provider and document service answer, and with an API key the repository is there.',
    affects: 'none',
    remarks: `${remarks} The secret of the credentials is an API key; the name of the client is not used.`,
  },
  {
    id: 'cmis',
    title: 'Document management by CMIS 1.1',
    vendor: 'Alfresco, Nuxeo and others',
    category: 'dms',
    kind: 'cmis',
    alternatives: ['tls'],
    defaults: {},
    evidence: 'standard',
    sources: ['OASIS CMIS 1.1, §5.2 and §5.3 (browser binding).'],
    healthy: 'The service document names the repository, and the repository answers itself.',
    affects: 'none',
    remarks: `${remarks} Alfresco has it at /alfresco/api/-default-/public/cmis/versions/1.1/browser.`,
  },
]
