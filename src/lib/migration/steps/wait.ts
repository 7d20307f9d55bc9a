import { duration } from '../../connector/settings.ts'
import type { JsonObject } from '../records/model.ts'
import { beginning, stillToWait } from '../soak.ts'
import { defineStep } from './step.ts'

export const wait = defineStep({
  id: 'wait',
  title: 'Wait',
  about: {
    check: 'Never so before: the time begins when it is the tenant’s turn.',
    does: 'Lets the time pass, also while nothing runs; other tenants go on.',
    undo: 'There is nothing to take back.',
  },
  settings: { for: duration('How long.') },
  bind: ({ for: milliseconds }, { work: { context } }) => ({
    isGate: true,
    check: async () => ({
      kind: 'todo',
      what: [`waits ${milliseconds / 1000} s`],
      memo: beginning(context),
    }),
    perform: async (memo) => {
      const left = stillToWait(memo as JsonObject, milliseconds, context)
      return left > 0 ? { kind: 'wait', reason: 'its time has not come', afterMs: left } : { kind: 'done' }
    },
  }),
  undoable: () => 'nothing',
  undo: () => ({ kind: 'nothing', why: 'Time does not come back.' }),
})
