import type { Attempt } from '../../journal/executor.ts'
import { offersMoved, rekeyOffers } from '../../offer/remap.ts'
import type { Network, Party, SharingRule } from '../../portal/model.ts'
import { transaction } from '../../store/sqlite.ts'
import { attemptWrite } from '../../tenant/executor.ts'
import { writeOf } from '../../tenant/writes.ts'
import type { JsonObject } from '../records/model.ts'
import { mapOf, regionKey } from '../settings.ts'
import { change, isEqual, tenantWrite } from './edit.ts'
import { type BoundStep, defineStep, type StepPlace } from './step.ts'

interface Memo extends JsonObject {
  readonly former: string
  readonly present: string
}

export const tenantRekey = defineStep({
  id: 'tenant.rekey',
  title: 'Give the tenant another key',
  about: {
    check: 'The tenant has the new key, and no network names the former one.',
    does: 'Moves the tenant to the key of the region that it has become, and with it its place in networks (anchor, sharing rules), its offers and its remapped LeiKa keys.',
    undo: 'Moves all of it back.',
  },
  settings: {
    keys: mapOf(
      'New keys by former keys; a tenant that is not in it stays as it is.',
      regionKey('New key.'),
      /^[0-9]{2,12}$/,
    ),
  },
  problem: ({ keys }) => {
    const values = Object.values(keys)
    if (new Set(values).size < values.length) return 'two tenants would get the same key'
    const chained = values.find((value) => value in keys)
    return chained === undefined ? undefined : `${chained} is a former and a new key: use two migrations`
  },
  bind: ({ keys }, place) => {
    const { ars } = place.kept.value
    const former = keys[ars] === undefined ? Object.keys(keys).find((key) => keys[key] === ars) : ars
    const present = former === undefined ? undefined : keys[former]
    return former === undefined || present === undefined ? NOT_MEANT : rekey(place, former, present, 'forth')
  },
  undoable: () => 'yes',
  undo: (_values, memo, place) => {
    const { former, present } = memo as Memo
    return { kind: 'step', step: rekey(place, present, former, 'back') }
  },
})

const NOT_MEANT: BoundStep = {
  check: async () => ({ kind: 'so' }),
  perform: async () => ({ kind: 'already' }),
}

function rekey(
  { kept, portal, work }: StepPlace,
  former: string,
  present: string,
  direction: 'forth' | 'back',
): BoundStep {
  const areOffersMoved = (): boolean =>
    direction === 'forth'
      ? offersMoved(work.store, former, present)
      : !offersMoved(work.store, present, former)
  /** Networks that still name the former key, as they should be. */
  const stale = async () =>
    (await portal.networks()).flatMap((network) => {
      const next = renamed(network.value, former, present)
      return isEqual(network.value, next) ? [] : [{ network, next }]
    })
  return {
    check: async () => {
      const isMoved = kept.value.ars === present
      if (!isMoved && !portal.capabilities.move)
        return { kind: 'never', reason: `the portal ${portal.portal} cannot give a tenant another key` }
      if (!isMoved && (await portal.get(present)) !== undefined)
        return { kind: 'never', reason: `there is a tenant ${present} already` }
      const networks = await stale()
      if (isMoved && networks.length === 0 && areOffersMoved()) return { kind: 'so' }
      const memo: Memo = { former, present }
      return {
        kind: 'todo',
        what: [
          ...(isMoved ? [] : [change('ars', former, present)]),
          ...networks.map(({ network }) => `network ${network.value.account}: ${former} → ${present}`),
          ...ownSettingsWith(kept.value.connectorSettings, former),
        ],
        memo,
      }
    },
    perform: async (_memo, signal): Promise<Attempt> => {
      if (kept.value.ars !== present) {
        const tenant = { ...kept.value, ars: present }
        const moved = await attemptWrite(portal, tenantWrite(portal.portal, kept, tenant), signal)
        if (moved.kind !== 'done' && moved.kind !== 'already') return moved
      }
      await transaction(work.store.db, () => rekeyOffers(work.store, former, present, work.run ?? null))
      for (const { network, next } of await stale()) {
        const write = writeOf(portal.portal, {
          kind: 'network-change',
          network: next,
          expected: network.version,
          fields: [],
        })
        const written = await attemptWrite(portal, write, signal)
        // Somebody else changed it at the same time: it is looked at anew.
        if (written.kind === 'failed') return { kind: 'later', reason: written.reason, afterMs: null }
        if (written.kind !== 'done' && written.kind !== 'already') return written
      }
      return { kind: 'done' }
    },
  }
}

/** Addresses with the key in them may have to change, too; only a person can tell. */
function ownSettingsWith(settings: object | undefined, key: string): readonly string[] {
  return Object.entries(settings ?? {}).flatMap(([name, value]) =>
    JSON.stringify(value).includes(key) ? [`look at connector ${name}: its own settings name ${key}`] : [],
  )
}

function renamed(network: Network, from: string, to: string): Network {
  const key = (text: string): string => (text === from ? to : text)
  const party = (one: Party): Party => (typeof one === 'string' ? one : one.map(key).sort())
  const rule = (one: SharingRule): SharingRule => ({
    ...one,
    from: party(one.from),
    to: party(one.to),
    except: { ...one.except, tenants: one.except.tenants.map(key).sort() },
  })
  return { ...network, anchor: key(network.anchor), sharing: network.sharing?.map(rule) ?? null }
}
