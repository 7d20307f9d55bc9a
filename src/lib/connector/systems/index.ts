import { CATALOGUES } from './catalogues.ts'
import { DMS } from './dms.ts'
import { FACHVERFAHREN } from './fachverfahren.ts'
import { FINANCE } from './finance.ts'
import { FORM_SERVERS } from './form-servers.ts'
import { IDENTITY } from './identity.ts'
import type { System } from './model.ts'
import { PAYMENT } from './payment.ts'
import { PORTAL } from './portal.ts'
import { TRANSPORT } from './transport.ts'

/** Every system that is known, by category. One more is one entry in the file of its category. */
export const SYSTEMS: readonly System[] = [
  ...FACHVERFAHREN,
  ...FINANCE,
  ...DMS,
  ...FORM_SERVERS,
  ...PAYMENT,
  ...IDENTITY,
  ...CATALOGUES,
  ...TRANSPORT,
  ...PORTAL,
]

/** @returns undefined for one that is not known */
export const systemOf = (id: string): System | undefined => SYSTEMS.find((system) => system.id === id)
