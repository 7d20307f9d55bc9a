import type { Misread } from '../connector/settings.ts'
import type { Kept, PortalDriver } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import { agsOf, parseArs } from '../region/key.ts'
import type { StepDefinition } from './definition.ts'
import type { Json, JsonObject } from './records/model.ts'
import { readShape } from './settings.ts'
import type { BoundStep, StepPlace, Undo } from './steps/step.ts'
import { expandAll, type Lookup, TemplateError } from './template.ts'
import type { TenantWord } from './template-check.ts'
import type { Work } from './work.ts'

/** What a step is bound to. */
export interface Bearing {
  readonly kept: Kept<Tenant>
  readonly portal: PortalDriver
  readonly work: Work
  /** What earlier steps saved for this tenant, by the id of the step. */
  readonly outputs: Readonly<Record<string, JsonObject>>
  /** Of the item; undefined for a plan. */
  readonly ordinal: number | undefined
}

export type Bound<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

/**
 * A step for one tenant, with all placeholders filled.
 * @throws OzgctlError where the portal holds connectors that are none
 */
export async function bindStep(step: StepDefinition, bearing: Bearing): Promise<Bound<BoundStep>> {
  return bound(step, bearing, (values, place) => step.behaviour.bind(values, place))
}

/** How a step that was done for a tenant is taken back. @param memo of the attempt that did it */
export async function bindUndo(step: StepDefinition, memo: Json, bearing: Bearing): Promise<Bound<Undo>> {
  return bound(step, bearing, (values, place) => step.behaviour.undo(values, memo, place))
}

async function bound<T>(
  step: StepDefinition,
  bearing: Bearing,
  make: (values: never, place: StepPlace) => T,
): Promise<Bound<T>> {
  const { kept, portal, work } = bearing
  const needsConnectors = JSON.stringify(step.written).includes('${connector.')
  const connectors = (): ReturnType<Work['connectorsOf']> => work.connectorsOf(kept.value)
  const known = needsConnectors ? await connectors() : undefined
  const lookup: Lookup = ([root, ...rest]) => {
    switch (root) {
      case 'tenant':
        return tenantWord(kept.value, rest[0] as TenantWord)
      case 'connector':
        return plain(known?.get(rest[0] ?? '')?.written[rest[1] ?? ''])
      case 'steps':
        return plain(bearing.outputs[rest[0] ?? '']?.[rest[1] ?? ''])
      default:
        return undefined
    }
  }
  let written: JsonObject
  try {
    written = expandAll(step.written, lookup) as JsonObject
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, reason: `${error.message} (${kept.value.name})` }
    throw error
  }
  const { values, problems } = readShape(step.behaviour.settings, written)
  const [wrong] = problems
  if (wrong !== undefined) return { ok: false, reason: textOf(wrong) }
  const problem = step.behaviour.problem?.(values)
  if (problem !== undefined) return { ok: false, reason: problem }
  const place: StepPlace = {
    kept,
    portal,
    stepId: step.id,
    run: work.run,
    ordinal: bearing.ordinal,
    connectors,
    lookup,
    work,
  }
  // The kind has read its own settings by its own shape.
  return { ok: true, value: make(values as never, place) }
}

function tenantWord(tenant: Tenant, word: TenantWord): string | undefined {
  switch (word) {
    case 'ars':
    case 'slug':
    case 'name':
    case 'account':
    case 'state':
      return tenant[word] === '' ? undefined : tenant[word]
    case 'host':
      return tenant.hosts[0]
    case 'ags': {
      const key = tenant.ars.length === 12 ? parseArs(tenant.ars) : undefined
      return key?.ok === true ? agsOf(key.value) : undefined
    }
  }
}

const plain = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined

const textOf = ({ at = [], message }: Misread): string =>
  at.length === 0 ? message : `${at.join('.')}: ${message}`
