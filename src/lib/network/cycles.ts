import type { LeikaKey } from '../leika/key.ts'
import type { Flow } from './resolve.ts'

/** Rules that hand the same Leistungen round in a ring. */
export interface Cycle {
  /** Names in the order of the file. */
  readonly rules: readonly string[]
  readonly keys: readonly LeikaKey[]
}

/**
 * Finds rules that send the same named Leistungen round: from A to B by one, from B back to A by another, or over
 * more members. Whoever looks for the service is sent in a ring.
 *
 * Rules that share "all" and the two ways of one rule are no such thing: there each shows what it has, and that is
 * meant.
 */
export function cyclesOf(flows: readonly Flow[]): readonly Cycle[] {
  const named = flows.filter(({ services }) => services.kind === 'only')
  const byKey = new Map<LeikaKey, Flow[]>()
  for (const flow of named) {
    for (const key of flow.services.keys) {
      const sharing = byKey.get(key) ?? []
      sharing.push(flow)
      byKey.set(key, sharing)
    }
  }
  // Most keys are shared by the same flows: each such group is looked at once.
  const groups = Map.groupBy(byKey, ([, sharing]) => sharing.map((flow) => named.indexOf(flow)).join(' '))
  const cycles = new Map<string, { readonly rules: readonly string[]; readonly keys: LeikaKey[] }>()
  for (const entries of groups.values()) {
    const keys = entries.map(([key]) => key)
    for (const rules of rings(entries[0]?.[1] ?? [])) {
      const known = cycles.get(rules.join('\n'))
      if (known === undefined) cycles.set(rules.join('\n'), { rules, keys })
      else known.keys.push(...keys)
    }
  }
  return [...cycles.values()].map(({ rules, keys }) => ({ rules, keys: keys.sort() }))
}

/** Rules of flows that can reach each other, where there is more than one. */
function rings(flows: readonly Flow[]): readonly (readonly string[])[] {
  const senders = flows.map(({ from, to }) => new Set(from.filter((member) => hasOther(to, member))))
  const receivers = flows.map(({ from, to }) => to.filter((member) => hasOther(from, member)))
  const next = flows.map((flow, here) =>
    flows.flatMap((other, at) =>
      other.rule !== flow.rule && receivers[here]?.some((member) => senders[at]?.has(member)) ? [at] : [],
    ),
  )
  const reach = flows.map((_, at) => reachable(at, next))
  const found = new Map<string, readonly string[]>()
  flows.forEach((_, at) => {
    const together = flows.flatMap((flow, other) =>
      reach[at]?.has(other) === true && reach[other]?.has(at) === true ? [flow.rule ?? ''] : [],
    )
    const rules = [...new Set(together)]
    if (rules.length > 1) found.set(rules.join('\n'), rules)
  })
  return [...found.values()]
}

/** Whether there is somebody else: nobody shares with itself, also where it stands on both sides of a rule. */
const hasOther = (members: Flow['from'], member: Flow['from'][number]): boolean =>
  members.some((one) => one !== member)

/** All that can be reached in one step or more. */
function reachable(start: number, next: readonly (readonly number[])[]): ReadonlySet<number> {
  const found = new Set<number>()
  const open = [...(next[start] ?? [])]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue
    found.add(at)
    open.push(...(next[at] ?? []))
  }
  return found
}
