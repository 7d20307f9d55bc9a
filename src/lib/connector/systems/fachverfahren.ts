import type { System } from './model.ts'
import { ozg, unpublished } from './unpublished.ts'

/**
 * Fachverfahren. What a system takes down are the OZG-Leistungen of its subject in the catalogue; a house that uses it for
 * more or less names them in `affects`.
 */
export const FACHVERFAHREN: readonly System[] = [
  unpublished({
    id: 'autista',
    title: 'AutiSta',
    vendor: 'Verlag für Standesamtswesen',
    category: 'fachverfahren',
    // Birth, marriage, partnership and death, and the documents about them.
    affects: ozg('10003', '10025', '10026', '10028', '10029', '10235', '10237', '10557'),
    remarks:
      'The register of civil status. Portals reach it through a service for orders of Urkunden: check that one.',
  }),
  unpublished({
    id: 'vois-meso',
    title: 'VOIS|MESO',
    vendor: 'HSH Soft- und Hardware Vertriebs GmbH',
    category: 'fachverfahren',
    // Registration of residents, identity documents, certificates from the register.
    affects: ozg('10111', '10119', '10124', '10177', '10559', '10562'),
    remarks: 'Its online services have a log-in of their own by OpenID Connect: see hsh-online.',
  }),
  unpublished({
    id: 'vois-geso',
    title: 'VOIS|GESO',
    vendor: 'HSH Soft- und Hardware Vertriebs GmbH',
    category: 'fachverfahren',
    // Trade register: registration of businesses and extracts.
    affects: ozg('10287', '10294', '10564', '10565'),
    remarks: 'Its online services have a log-in of their own by OpenID Connect: see hsh-online.',
  }),
  unpublished({
    id: 'meso-classic',
    title: 'MESO classic',
    vendor: 'HSH Soft- und Hardware Vertriebs GmbH',
    category: 'fachverfahren',
    affects: ozg('10111', '10119', '10124', '10177', '10559', '10562'),
    remarks: 'The predecessor of VOIS|MESO.',
  }),
  unpublished({
    id: 'baulasten',
    title: 'Baulastenauskunft',
    vendor: 'differs from house to house',
    category: 'fachverfahren',
    affects: ozg('10517'),
    remarks:
      'Several products serve the register of Baulasten. Where it is a geo service, a condition on its answer in JSON is best.',
  }),
  unpublished({
    id: 'jugend-soziales',
    title: 'Jugend und Soziales',
    vendor: 'differs from house to house',
    category: 'fachverfahren',
    // Youth welfare and day care, maintenance, social assistance, housing and care.
    affects: ozg(
      '10013',
      '10019',
      '10034',
      '10035',
      '10040',
      '10084',
      '10086',
      '10087',
      '10088',
      '10092',
      '10206',
      '10218',
      '10266',
    ),
    remarks: 'Name in affects what the product of this house really serves.',
  }),
  unpublished({
    id: 'ikfz',
    title: 'i-Kfz',
    vendor: 'Land or municipal provider, behind it the Kraftfahrt-Bundesamt',
    category: 'fachverfahren',
    affects: ozg('10426', '10436', '10439'),
    remarks:
      'The portal of the Zulassungsbehörde has to be reachable for people; the Großkunden interface and the register of the KBA are in closed networks and are not checked from here.',
  }),
]
