import { keysOfRegion, remapsOf, removeRemap, setRemap } from '../../offer/remap.ts'
import { readOffersOf } from '../../offer/store.ts'
import type { Network, ServiceSelection, SharingRule } from '../../portal/model.ts'
import type { RegionKey } from '../../region/key.ts'
import { activeSnapshot } from '../../snapshot/snapshots.ts'
import { transaction } from '../../store/sqlite.ts'
import type { JsonObject } from '../records/model.ts'
import { leikaKey, mapOf } from '../settings.ts'
import { edited, isEqual, networkEdit } from './edit.ts'
import { type BoundStep, type Check, defineStep, type StepPlace } from './step.ts'

interface Memo extends JsonObject {
  /** Keys of offers that count under another key since, by the key that they count under; null: under their own before. */
  readonly offers: { readonly [from: string]: string | null }
  /** Former and new keys that sharing rules of the network named. */
  readonly rules: { readonly [from: string]: string }
}

type Keys = Readonly<Record<string, string>>

export const leistungRemap = defineStep({
  id: 'leistung.remap',
  title: 'Put new LeiKa keys in the place of superseded ones',
  about: {
    check:
      'No offer of the tenant counts under a superseded key, and no sharing rule of its network names one.',
    does: 'Lets the tenant’s offers count under the new keys, whatever the next import still calls them, and writes the new keys into the sharing rules.',
    undo: 'Lets them count under their former keys again, and puts the former keys back into the rules.',
  },
  settings: { keys: mapOf('New LeiKa keys by superseded ones.', leikaKey('New key.'), /^99[0-9]{12}$/) },
  problem: ({ keys }) => {
    const chained = Object.values(keys).find((key) => key in keys)
    return chained === undefined ? undefined : `${chained} is superseded itself: name the key that holds now`
  },
  bind: ({ keys }, place) => remap(place, keys),
  undoable: () => 'yes',
  undo: (_values, memo, place) => ({ kind: 'step', step: takenBack(place, memo as Memo) }),
})

function remap(place: StepPlace, keys: Keys): BoundStep {
  const { kept, work } = place
  const { ars } = kept.value
  const rules = rulesEdit(place, keys)
  const open = async (): Promise<readonly string[]> => {
    const snapshot = await activeSnapshot(work.store, 'offer')
    if (snapshot === undefined) return []
    const known = remapsOf(work.store, ars)
    const offered = new Set<string>()
    for (const key of keysOfRegion(work.store, ars))
      for (const offer of await readOffersOf(work.store, snapshot.rowId, key as RegionKey))
        offered.add(String(offer.key))
    return Object.keys(keys).filter((key) => offered.has(key) && known.get(key) !== keys[key])
  }
  return {
    check: async (signal): Promise<Check> => {
      const offers = await open()
      const network = await rules.check(signal)
      if (network.kind === 'never' || network.kind === 'unclear') return network
      if (offers.length === 0 && network.kind === 'so') return { kind: 'so' }
      const known = remapsOf(work.store, ars)
      const memo: Memo = {
        offers: Object.fromEntries(offers.map((key) => [key, known.get(key) ?? null])),
        rules: network.kind === 'so' ? {} : (network.memo as Memo['rules']),
      }
      return {
        kind: 'todo',
        what: [
          ...offers.map((key) => `offer ${key} → ${keys[key]}`),
          ...(network.kind === 'so' ? [] : network.what),
        ],
        memo,
      }
    },
    perform: async (memo, signal, desk) => {
      const offers = await open()
      await transaction(work.store.db, () => {
        for (const key of offers) setRemap(work.store, ars, key, keys[key] ?? key, work.run ?? null)
      })
      return rules.perform(memo, signal, desk)
    },
  }
}

function takenBack(place: StepPlace, { offers, rules }: Memo): BoundStep {
  const { kept, work } = place
  const { ars } = kept.value
  const back = rulesEdit(place, Object.fromEntries(Object.entries(rules).map(([from, to]) => [to, from])))
  const open = (): readonly string[] => {
    const known = remapsOf(work.store, ars)
    return Object.keys(offers).filter((key) => (known.get(key) ?? null) !== offers[key])
  }
  return {
    check: async (signal) => {
      const network = await back.check(signal)
      if (network.kind === 'never' || network.kind === 'unclear') return network
      const keys = open()
      if (keys.length === 0 && network.kind === 'so') return { kind: 'so' }
      return {
        kind: 'todo',
        what: [
          ...keys.map((key) => `offer ${key}: counts as before`),
          ...(network.kind === 'so' ? [] : network.what),
        ],
        memo: null,
      }
    },
    perform: async (memo, signal, desk) => {
      const keys = open()
      await transaction(work.store.db, () => {
        for (const key of keys) {
          const former = offers[key] ?? null
          if (former === null) removeRemap(work.store, ars, key)
          else setRemap(work.store, ars, key, former, work.run ?? null)
        }
      })
      return back.perform(memo, signal, desk)
    },
  }
}

/** The part of it that is about the rules of the network. */
const rulesEdit = (place: StepPlace, keys: Keys): BoundStep =>
  networkEdit(
    place,
    (network) => {
      const next = { ...network, sharing: network.sharing?.map((rule) => renamed(rule, keys)) ?? null }
      return edited(
        next,
        isEqual(network, next) ? [] : named(network, keys).map((key) => `rules: ${key} → ${keys[key]}`),
      )
    },
    (network) => Object.fromEntries(named(network, keys).map((key) => [key, keys[key] ?? key])),
  )

const named = ({ sharing }: Network, keys: Keys): readonly string[] => {
  const all = new Set(
    (sharing ?? []).flatMap(({ services, except }) => [
      ...(services === 'all' ? [] : services.leistungen),
      ...except.leistungen,
    ]),
  )
  return Object.keys(keys).filter((key) => all.has(key))
}

function renamed(rule: SharingRule, keys: Keys): SharingRule {
  const inSelection = <T extends ServiceSelection>(services: T): T => ({
    ...services,
    leistungen: [...new Set(services.leistungen.map((key) => keys[key] ?? key))].sort(),
  })
  return {
    ...rule,
    services: rule.services === 'all' ? 'all' : inSelection(rule.services),
    except: inSelection(rule.except),
  }
}
