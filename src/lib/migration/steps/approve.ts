import { choice, optional, text } from '../../connector/settings.ts'
import { approvalOf } from '../approvals.ts'
import { defineStep } from './step.ts'

export const approve = defineStep({
  id: 'approve',
  title: 'Wait for a person',
  about: {
    check: 'Somebody has said yes in this run.',
    does: 'Stops the run until it is resumed with --approve and the id of the step; the yes counts for all tenants.',
    undo: 'There is nothing to take back.',
  },
  settings: {
    question: text('What is to be looked at before the yes.'),
    by: optional(
      choice('Who may say yes: anybody, or only another person than the one who began the run.', [
        'anybody',
        'another',
      ]),
      'anybody',
    ),
  },
  bind: ({ question }, { work: { store, run }, stepId }) => {
    const isGiven = (): boolean => run !== undefined && approvalOf(store, run, stepId) !== undefined
    return {
      isGate: true,
      check: async () =>
        isGiven() ? { kind: 'so' } : { kind: 'todo', what: [`asks: ${question}`], memo: null },
      perform: async () =>
        isGiven()
          ? { kind: 'done' }
          : {
              kind: 'halt',
              reason: `${question} (yes: ozgctl migration resume run-${run ?? 0} --approve ${stepId})`,
            },
    }
  },
  undoable: () => 'nothing',
  undo: () => ({ kind: 'nothing', why: 'A yes changed nothing.' }),
})
