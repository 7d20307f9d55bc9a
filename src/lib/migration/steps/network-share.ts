import { choice, no, optional, type Setting, text } from '../../connector/settings.ts'
import type { Network, Party, ServiceSelection, SharingRule } from '../../portal/model.ts'
import type { JsonObject } from '../records/model.ts'
import { group, LABEL, leikaKey, listOf, regionKey } from '../settings.ts'
import { change, edited, isEqual, networkEdit, refused } from './edit.ts'
import { defineStep } from './step.ts'

interface Memo extends JsonObject {
  /** The rule was not there before. */
  readonly created: boolean
  /** Keys that the step added to lists. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

function party(description: string): Setting<Party> {
  const keys = listOf('Keys of tenants.', regionKey('Key of a tenant.'))
  return {
    description,
    need: 'required',
    schema: { anyOf: [{ enum: ['anchor', 'members'] }, keys.schema] },
    read: (value) => {
      if (value === 'anchor' || value === 'members') return { ok: true, value }
      const read = keys.read(value)
      return read.ok
        ? { ok: true, value: [...read.value].sort() }
        : no('must be anchor, members or a list of keys')
    },
  }
}

const selection = {
  leistungen: optional(listOf('LeiKa keys.', leikaKey('LeiKa key.')), []),
  ozg: optional(listOf('Ids of OZG-Leistungen.', text('Id.', /^\d{5}$/)), []),
  themenfelder: optional(listOf('Names of Themenfelder.', text('Name.')), []),
}

export const networkShare = defineStep({
  id: 'network.share',
  title: 'Share services in the network of the tenant',
  about: {
    check: 'The network has the rule, and it names the tenants that it should.',
    does: 'Adds the rule to the tenant’s network, or the tenants to the rule.',
    undo: 'Takes out of the rule the tenants that were added, and the rule when nobody is left in it.',
  },
  settings: {
    rule: text('Name of the rule, unique in the network.', LABEL),
    from: party('Whose services: anchor, members, or a list of keys such as "${tenant.ars}".'),
    to: party('In whose portals: anchor, members, or a list of keys.'),
    direction: optional(choice('One way, or both.', ['one-way', 'both']), 'one-way'),
    services: optional(group('Only these services; all where nothing is said.', selection)),
  },
  bind: ({ rule: name, from, to, direction, services }, place) => {
    const wanted: SharingRule = {
      name,
      from,
      to,
      direction,
      services: services === undefined ? 'all' : sorted(services),
      except: { leistungen: [], ozg: [], themenfelder: [], tenants: [] },
    }
    return networkEdit(
      place,
      (network) => {
        if (network.sharing === null)
          return refused(
            'its network shares everything with everybody; write sharing rules into the manifest first',
          )
        const former = network.sharing.find((rule) => rule.name === name)
        const next = former === undefined ? wanted : extended(former, wanted)
        if (next === undefined) return refused(`there is another rule ${name}`)
        const others = network.sharing.filter((rule) => rule.name !== name)
        const sharing =
          former === undefined
            ? [...others, next]
            : network.sharing.map((rule) => (rule === former ? next : rule))
        return edited({ ...network, sharing }, [change(`sharing.${name}`, former ?? null, next)])
      },
      (network): Memo => {
        const former = network.sharing?.find((rule) => rule.name === name)
        return {
          created: former === undefined,
          from: added(former?.from, wanted.from),
          to: added(former?.to, wanted.to),
        }
      },
    )
  },
  undoable: () => 'yes',
  undo: ({ rule: name }, memo, place) => ({
    kind: 'step',
    step: networkEdit(
      place,
      (network) => edited(without(network, name, memo as Memo), [`sharing.${name}: taken back`]),
      () => null,
    ),
  }),
})

const sorted = (services: ServiceSelection): ServiceSelection => ({
  leistungen: [...services.leistungen].sort(),
  ozg: [...services.ozg].sort(),
  themenfelder: [...services.themenfelder].sort(),
})

/** The rule with the tenants of both; undefined where they are different rules. */
function extended(former: SharingRule, wanted: SharingRule): SharingRule | undefined {
  const [from, to] = [joined(former.from, wanted.from), joined(former.to, wanted.to)]
  const isSame = former.direction === wanted.direction && isEqual(former.services, wanted.services)
  return isSame && from !== undefined && to !== undefined ? { ...former, from, to } : undefined
}

function joined(a: Party, b: Party): Party | undefined {
  if (typeof a === 'string' || typeof b === 'string') return a === b ? a : undefined
  return [...new Set([...a, ...b])].sort()
}

const added = (former: Party | undefined, wanted: Party): readonly string[] =>
  typeof wanted === 'string' || typeof former === 'string'
    ? []
    : wanted.filter((key) => former?.includes(key) !== true)

function without(network: Network, name: string, { created, from, to }: Memo): Network {
  if (network.sharing === null) return network
  const sharing = network.sharing.flatMap((rule) => {
    if (rule.name !== name) return [rule]
    const left = { ...rule, from: less(rule.from, from), to: less(rule.to, to) }
    const isEmpty = left.from.length === 0 || left.to.length === 0
    const isOurs = created && typeof rule.from === 'string' && typeof rule.to === 'string'
    return isEmpty || isOurs ? [] : [left]
  })
  return { ...network, sharing }
}

const less = (party: Party, keys: readonly string[]): Party =>
  typeof party === 'string' ? party : party.filter((key) => !keys.includes(key))
