import type { Attempt, Desk } from '../journal/executor.ts'
import type { ClaimedItem } from '../journal/model.ts'
import type { PortalDriver } from '../portal/driver.ts'
import type { Definition } from './definition.ts'
import { passesGate } from './gate.ts'
import type { ItemInput } from './items.ts'
import { keysOfWave } from './read.ts'
import type { JsonObject } from './records/model.ts'
import { beginning, stillToWait } from './soak.ts'
import { rekeysOf, tenantOf } from './tenants.ts'
import type { Work } from './work.ts'

/** Where a run is done. */
export interface RunPlace {
  readonly definition: Definition
  readonly portal: PortalDriver
  readonly work: Work
  readonly run: number
}

/** What lies between two waves: time, a look at the connectors, and a person who goes on. */
export async function attemptBetween(
  item: ClaimedItem,
  { part, wave }: Extract<ItemInput, { kind: 'between' }>,
  place: RunPlace,
  signal: AbortSignal,
  desk: Desk,
): Promise<Attempt> {
  const { waves } = place.definition
  switch (part) {
    case 'soak':
      return soaked(item, waves?.soak ?? 0, place, desk)
    case 'gate':
      return throughGate(wave, place, signal, desk)
    case 'pause': {
      if (item.memo !== null) return { kind: 'done' }
      await desk.note(item, {})
      return { kind: 'halt', reason: `wave ${wave + 1} is done; the next one begins when the run is resumed` }
    }
  }
}

async function soaked(
  item: ClaimedItem,
  milliseconds: number,
  { work: { context } }: RunPlace,
  desk: Desk,
): Promise<Attempt> {
  const since = (item.memo as JsonObject | null) ?? beginning(context)
  if (item.memo === null) await desk.note(item, since)
  const left = stillToWait(since, milliseconds, context)
  if (left <= 0) return { kind: 'done' }
  return { kind: 'wait', reason: 'the soak time is not over', afterMs: left }
}

/** The connectors of all tenants that have had their turn, not only those of the last wave. */
async function throughGate(
  wave: number,
  { definition, portal, work, run }: RunPlace,
  signal: AbortSignal,
  desk: Desk,
): Promise<Attempt> {
  const gate = definition.waves?.gate
  if (gate === undefined) return { kind: 'done' }
  const rekeys = rekeysOf(definition)
  const found = await Promise.all(
    keysOfWave(work.store, run, wave).map((key) => tenantOf(portal, rekeys, key)),
  )
  const tenants = found.flatMap((kept) => (kept === undefined ? [] : [kept.value]))
  const look = () => work.states(tenants, gate.connectors ?? [], signal)
  const result = await passesGate(look, gate, work.context, desk.stop)
  switch (result.kind) {
    case 'open':
      return { kind: 'done' }
    case 'stopped':
      return { kind: 'unfinished' }
    case 'shut':
      return { kind: 'halt', reason: `the gate after wave ${wave + 1} is shut: ${result.reason}` }
  }
}
