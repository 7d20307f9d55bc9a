import { onTestFinished } from 'vitest'
import type { Mode, OpenStandIn, StandIn } from '../../src/lib/sandbox/stand-ins/stand-in.ts'

export interface TestStandIn extends OpenStandIn {
  set(mode: Mode): void
  readonly login: readonly [id: string, secret: string]
}

/** A stand-in that goes with the test. */
export async function standIn(definition: StandIn, slowMs = 10_000): Promise<TestStandIn> {
  let mode: Mode = 'healthy'
  const control = {
    mode: () => mode,
    slowMs,
    now: () => new Date(),
    clientId: 'operator',
    clientSecret: 'a secret of the test',
  }
  const open = await definition.open(control)
  onTestFinished(() => open.close())
  return {
    ...open,
    set: (next) => {
      mode = next
    },
    login: [control.clientId, control.clientSecret],
  }
}
