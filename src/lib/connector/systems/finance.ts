import type { System } from './model.ts'
import { unpublished } from './unpublished.ts'

/** People notice nothing at once when bookings wait; a house where fees are calculated there names what depends on it. */
const remarks =
  'Bookings wait while it is away, and people notice nothing at once. Where fees are looked up in it, name the Leistungen in affects.'

export const FINANCE: readonly System[] = [
  unpublished({
    id: 'infoma',
    title: 'Infoma newsystem',
    vendor: 'Axians Infoma',
    category: 'finance',
    affects: 'none',
    remarks,
  }),
  unpublished({
    id: 'hh-prodoppik',
    title: 'H+H proDoppik',
    vendor: 'H&H Datenverarbeitungs- und Beratungsgesellschaft',
    category: 'finance',
    affects: 'none',
    remarks,
  }),
  unpublished({
    id: 'sap',
    title: 'SAP',
    vendor: 'SAP SE',
    category: 'finance',
    affects: 'none',
    remarks: `${remarks} Interfaces differ with each set-up: OData takes http with a condition on JSON, web services soap with its WSDL.`,
  }),
]
