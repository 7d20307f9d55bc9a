import { optional, text } from '../../connector/settings.ts'
import type { Tenant } from '../../portal/model.ts'
import type { JsonObject } from '../records/model.ts'
import { settingsOf, withSettings } from './connector-set.ts'
import { change, edited, isEqual, refused, tenantEdit } from './edit.ts'
import { ownSettings } from './own-settings.ts'
import { defineStep } from './step.ts'

interface Memo extends JsonObject {
  /** Names before and after. */
  readonly former: readonly string[]
  readonly written: readonly string[]
  /** Own settings of the one that goes, and of the one that comes, as it had them before. */
  readonly settings: JsonObject
}

export const connectorReplace = defineStep({
  id: 'connector.replace',
  title: 'Put one connector in the place of another',
  about: {
    check: 'The tenant has the new connector and no longer the former.',
    does: 'Takes the former connector and the tenant’s own settings of it away and binds the new one.',
    undo: 'Binds the former again with the settings it had, if nobody has changed the connectors since.',
  },
  settings: {
    from: text('Name of the connector that goes.'),
    to: text('Name of the connector that comes; the manifest declares it.'),
    set: optional(ownSettings('Settings that the tenant has of its own for the new one.')),
  },
  problem: ({ from, to }) => (from === to ? 'from and to are the same' : undefined),
  bind: ({ from, to, set }, place) => {
    const step = tenantEdit(
      place,
      (tenant) => {
        const hasFormer = tenant.connectors.includes(from)
        const hasPresent = tenant.connectors.includes(to)
        if (!hasFormer && !hasPresent) return refused(`it has neither ${from} nor ${to} of its own`)
        const names = [...new Set([...tenant.connectors.filter((name) => name !== from), to])].sort()
        const plain = withSettings({ ...tenant, connectors: names }, from, null)
        const next = set === undefined ? plain : withSettings(plain, to, set)
        return edited(next, [change('connectors', tenant.connectors, names)])
      },
      (tenant) => ({
        former: tenant.connectors,
        written: [...new Set([...tenant.connectors.filter((name) => name !== from), to])].sort(),
        settings: { [from]: settingsOf(tenant, from), [to]: settingsOf(tenant, to) },
      }),
    )
    return {
      ...step,
      check: async (signal) => {
        const known = await place.work.declared()
        if (known !== undefined && !known.has(to))
          return { kind: 'never', reason: `the manifest declares no connector ${to}` }
        return step.check(signal)
      },
    }
  },
  undoable: () => 'yes',
  undo: ({ from, to }, memo, place) => ({
    kind: 'step',
    step: tenantEdit(
      place,
      (tenant) => {
        const { former, written, settings } = memo as Memo
        const restored = restore({ ...tenant, connectors: former }, from, to, settings)
        if (isEqual(tenant, restored)) return edited(tenant, [])
        if (!isEqual(tenant.connectors, written)) return refused('somebody has changed its connectors since')
        return edited(restored, [change('connectors', written, former)])
      },
      () => null,
    ),
  }),
})

const restore = (tenant: Tenant, from: string, to: string, settings: JsonObject): Tenant =>
  withSettings(
    withSettings(tenant, from, settings[from] as JsonObject | null),
    to,
    settings[to] as JsonObject | null,
  )
