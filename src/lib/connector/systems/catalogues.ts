import type { System } from './model.ts'

const remarks = 'While it is away, pages with information grow old; services go on.'

export const CATALOGUES: readonly System[] = [
  {
    id: 'bus-niedersachsen',
    title: 'BUS Niedersachsen',
    vendor: 'Land Niedersachsen',
    category: 'catalogue',
    kind: 'xzufi',
    alternatives: ['http', 'tls'],
    defaults: { maxAge: '2d' },
    evidence: 'standard',
    sources: ['XZuFi 2.2 and 2.3; the address of the export is agreed with each house.'],
    healthy: 'A transfer of XZuFi comes with Leistungen in it that was made in the last two days.',
    affects: 'none',
    remarks,
  },
  {
    id: 'xzufi-source',
    title: 'Source of XZuFi transfers',
    vendor: 'editorial systems of Länder and municipalities',
    category: 'catalogue',
    kind: 'xzufi',
    alternatives: ['http', 'tls'],
    defaults: {},
    evidence: 'standard',
    sources: ['XZuFi 2.2 and 2.3.'],
    healthy: 'A transfer of XZuFi comes with Leistungen in it.',
    affects: 'none',
    remarks,
  },
]
