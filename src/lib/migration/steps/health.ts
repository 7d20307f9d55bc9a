import { duration, integer, optional, texts } from '../../connector/settings.ts'
import { passesGate } from '../gate.ts'
import type { ConnectorState } from '../work.ts'
import { defineStep } from './step.ts'

/** What has to be healthy, and for how long. */
export const gateSettings = {
  connectors: optional(texts('Names of connectors; all of the tenant where none is given.')),
  passes: optional(integer('So many times in a row everything has to serve.', 1, 1000), 1),
  every: optional(duration('From the end of one look to the next.'), 10_000),
  within: optional(duration('So long it may take until it passes; without, the first looks decide.'), 0),
}

export const health = defineStep({
  id: 'health',
  title: 'Go on only when connectors are healthy',
  about: {
    check: 'Looked at when it is the tenant’s turn, never before.',
    does: 'Asks the tenant’s connectors as “health check” does, until all serve so many times in a row.',
    undo: 'There is nothing to take back.',
  },
  settings: gateSettings,
  bind: ({ connectors = [], ...gate }, { kept, work }) => ({
    isGate: true,
    check: async () => ({
      kind: 'todo',
      what: [`looks at ${connectors.length === 0 ? 'all connectors' : connectors.join(', ')}`],
      memo: null,
    }),
    perform: async (_memo, signal, { stop }) => {
      const look = (): Promise<readonly ConnectorState[]> => work.statesOf(kept.value, connectors, signal)
      const result = await passesGate(look, gate, work.context, stop)
      switch (result.kind) {
        case 'open':
          return { kind: 'done' }
        case 'shut':
          return { kind: 'failed', reason: result.reason }
        case 'stopped':
          return { kind: 'unfinished' }
      }
    },
  }),
  undoable: () => 'nothing',
  undo: () => ({ kind: 'nothing', why: 'A look changed nothing.' }),
})
