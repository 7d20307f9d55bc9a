import type { Context } from '../context.ts'
import type { ConnectorState } from './work.ts'

/** How often and how long a gate is looked at; times in milliseconds. */
export interface Gate {
  readonly passes: number
  readonly every: number
  readonly within: number
}

export type GateResult =
  | { readonly kind: 'open' }
  /** @property reason what did not serve at the last look */
  | { readonly kind: 'shut'; readonly reason: string }
  /** Somebody asked for the end meanwhile. */
  | { readonly kind: 'stopped' }

/**
 * Looks until everything serves so many times in a row. One bad look lets the count begin again: what flaps does not
 * pass. Without a time to wait, the first bad look decides.
 */
export async function passesGate(
  look: () => Promise<readonly ConnectorState[]>,
  { passes, every, within }: Gate,
  { uptime, sleep }: Pick<Context, 'uptime' | 'sleep'>,
  stop: AbortSignal,
): Promise<GateResult> {
  const end = uptime() + within
  for (let inRow = 0; ; ) {
    if (stop.aborted) return { kind: 'stopped' }
    const states = await look()
    const bad = states.filter(({ isHealthy }) => !isHealthy)
    inRow = bad.length === 0 ? inRow + 1 : 0
    if (inRow >= passes) return states.length === 0 ? NOTHING : { kind: 'open' }
    const isLate = uptime() + every > end && bad.length > 0
    if (isLate) return { kind: 'shut', reason: reasonOf(bad) }
    await sleep(every, stop)
  }
}

/** A gate that looks at nothing would always be open. */
const NOTHING: GateResult = { kind: 'shut', reason: 'there is no connector to look at' }

const SHOWN = 3

function reasonOf(bad: readonly ConnectorState[]): string {
  const some = bad.slice(0, SHOWN).map(({ connector, summary }) => `${connector}: ${summary}`)
  const more = bad.length > SHOWN ? ` and ${bad.length - SHOWN} more` : ''
  return `not healthy: ${some.join('; ')}${more}`
}
