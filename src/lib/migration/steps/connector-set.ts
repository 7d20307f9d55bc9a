import { defineConnector } from '../../connector/definition.ts'
import { text } from '../../connector/settings.ts'
import type { ConnectorSettings, Tenant } from '../../portal/model.ts'
import type { JsonObject } from '../records/model.ts'
import { isMap } from '../settings.ts'
import { change, edited, isEqual, refused, tenantEdit } from './edit.ts'
import { ownSettings } from './own-settings.ts'
import { type BoundStep, defineStep, type StepPlace } from './step.ts'

/** What is kept of a tenant's own settings of one connector; null where it had none. */
interface Memo extends JsonObject {
  readonly former: JsonObject | null
  readonly written: JsonObject
}

export const connectorSet = defineStep({
  id: 'connector.set',
  title: 'Change settings of a connector',
  about: {
    check: 'The tenant has these settings of the connector already, by itself or as it is declared.',
    does: 'Writes them as the tenant’s own settings into the portal, on top of what is declared.',
    undo: 'Puts back the settings that the tenant had of its own, if they are still those that the step wrote.',
  },
  settings: {
    connector: text('Name of the connector, as the manifest declares it.'),
    set: ownSettings(
      'Settings of the connector, as in a manifest: url, version, credentials, tls, …. Credentials are names of profiles.',
    ),
  },
  problem: ({ set }) => ('name' in set ? 'a connector keeps its name: use connector.replace' : undefined),
  bind: ({ connector, set }, place) => setStep(connector, set, place),
  undoable: () => 'yes',
  undo: ({ connector }, memo, place) => ({
    kind: 'step',
    step: tenantEdit(
      place,
      (tenant) => {
        const { former, written } = memo as Memo
        const present = tenant.connectorSettings?.[connector] ?? null
        if (isEqual(present, former)) return edited(tenant, [])
        if (!isEqual(present, written)) return refused(`somebody has changed ${connector} since`)
        return edited(withSettings(tenant, connector, former), [change(connector, written, former)])
      },
      () => null,
    ),
  }),
})

function setStep(connector: string, set: JsonObject, place: StepPlace): BoundStep {
  const own = place.kept.value.connectorSettings?.[connector] as JsonObject | undefined
  const written = { ...own, ...set }
  const step = tenantEdit(
    place,
    (tenant) =>
      edited(
        withSettings(tenant, connector, written),
        Object.entries(set)
          .filter(([name, value]) => !isEqual(own?.[name], value))
          .map(([name, value]) => change(`${connector}.${name}`, own?.[name], value)),
      ),
    () => ({ former: own ?? null, written }),
  )
  return {
    ...step,
    check: async (signal) => {
      const bound = (await place.connectors()).get(connector)
      if (bound === undefined) return { kind: 'never', reason: `it has no connector ${connector}` }
      if (Object.entries(set).every(([name, value]) => isEqual(bound.written[name], value)))
        return { kind: 'so' }
      const checked = await defineConnector({ ...bound.written, ...set }, true)
      if (checked.ok) return step.check(signal)
      const [first] = checked.problems
      return { kind: 'never', reason: `${connector}: ${first?.at.join('.')} ${first?.message}` }
    },
  }
}

/** A tenant with other settings of its own for one connector; null takes them away. */
export function withSettings(tenant: Tenant, connector: string, settings: JsonObject | null): Tenant {
  const { connectorSettings = {}, ...rest } = tenant
  const { [connector]: _former, ...others } = connectorSettings
  const all: ConnectorSettings = settings === null ? others : { ...others, [connector]: settings }
  return Object.keys(all).length === 0 ? rest : { ...rest, connectorSettings: all }
}

/** A tenant's own settings of a connector; null where it has none. */
export function settingsOf(tenant: Tenant, connector: string): JsonObject | null {
  const found = tenant.connectorSettings?.[connector]
  return isMap(found) ? found : null
}
