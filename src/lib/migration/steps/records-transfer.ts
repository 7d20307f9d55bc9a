import { choice, integer, optional, text, yesNo } from '../../connector/settings.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { Attempt } from '../../journal/executor.ts'
import { firstUnfinished } from '../formers.ts'
import { type EndPlace, isOnePlace, type Opener, sourceSetting, targetSetting } from '../records/ends.ts'
import { asKept } from '../records/kept.ts'
import { Ledger, type RecordState } from '../records/ledger.ts'
import type { RecordSource, RecordTarget } from '../records/model.ts'
import { transfer } from '../records/transfer.ts'
import { canRemove, isUnderWay, removeCreated } from '../records/undo.ts'
import { mapOf } from '../settings.ts'
import { type BoundStep, type Check, defineStep, type StepPlace } from './step.ts'

export const recordsTransfer = defineStep({
  id: 'records.transfer',
  title: 'Copy a collection of records or documents',
  about: {
    check: 'This run has copied the collection, and found no difference.',
    does: 'Reads the source page by page, writes each record so that the target has it once, keeps after every page how far it is, sets aside what is refused and what the source has twice, reads the source again until nothing has changed, and holds the target against it: each record, its contents, and whether there is anything else. What cannot be listed or asked is not compared, and the report says so.',
    undo: 'Takes away from the target the records that the step created and that are as they were written; those that were there before, or may have been, stay as they are now. With takesBack: all, every record that it wrote. What somebody has changed since stays and is named, and the undo has failed until a person has looked.',
  },
  settings: {
    from: sourceSetting('Where the records are.'),
    to: targetSetting('Where they go.'),
    fields: optional(
      mapOf(
        'Names of fields in the target with their names in the source; all fields where nothing is said.',
        text('Name in the source.'),
        /^.{1,200}$/,
      ),
    ),
    ordered: optional(
      yesNo('Whether records are written one after the other, in the order of the source.'),
      false,
    ),
    concurrency: optional(
      integer('Requests to the target at once, where the order does not matter.', 1, 256),
      16,
    ),
    tolerate: optional(
      integer('So many records may be set aside; one more, and the step has failed.', 0, 1_000_000_000),
      0,
    ),
    passes: optional(
      integer('So often the source is read again at most, until nothing in it has changed.', 1, 100),
      3,
    ),
    takesBack: optional(
      choice(
        'What an undo takes away: what was created for certain, or all that was written, for a collection that nobody else writes to.',
        ['created', 'all'],
      ),
      'created',
    ),
    verify: optional(yesNo('Whether the target is read afterwards and held against the source.'), true),
    shared: optional(
      yesNo(
        'Whether the target may have records that the source has not, e.g. of other tenants. They are counted, and both sides are never called the same then.',
      ),
      false,
    ),
    most: optional(
      integer(
        'So many records are read from either side at most; one more, and the step has failed. A source that invents records would be read for ever.',
        1,
        1_000_000_000,
      ),
      10_000_000,
    ),
  },
  bind: ({ from, to, takesBack: _takesBack, ...options }, place) => copyStep(from, to, options, place),
  undoable: () => 'yes',
  undo: ({ from, to, takesBack, fields }, memo, place) => {
    const { run, ordinal } = memo as { readonly run: number; readonly ordinal: number }
    return {
      kind: 'step',
      step: removeStep(
        { from, to, fields },
        place,
        new Ledger(place.work.store, run, ordinal),
        STATES[takesBack],
      ),
    }
  },
})

interface Options {
  readonly fields: Readonly<Record<string, string>> | undefined
  readonly ordered: boolean
  readonly concurrency: number
  readonly tolerate: number
  readonly passes: number
  readonly verify: boolean
  readonly shared: boolean
  readonly most: number
}

function copyStep(
  from: Opener<RecordSource>,
  to: Opener<RecordTarget>,
  options: Options,
  place: StepPlace,
): BoundStep {
  const { work } = place
  return {
    check: async (signal): Promise<Check> => {
      const { run, ordinal } = place
      if (
        run !== undefined &&
        ordinal !== undefined &&
        new Ledger(work.store, run, ordinal).read()?.phase === 'done'
      )
        return { kind: 'so' }
      if (isOnePlace(from, to, work))
        return { kind: 'never', reason: 'source and target are one, or one folder lies in the other' }
      const target = await to.open(await endPlace(place))
      try {
        if (target.repeatable === 'none' && !work.atLeastOnce)
          return {
            kind: 'never',
            reason:
              'the target knows no record again: name item or idempotencyHeader, or accept that some may be there twice with --at-least-once',
          }
        const isFresh = run === undefined || new Ledger(work.store, run, ordinal ?? 0).read() === undefined
        if (isFresh && (await target.isEmpty?.()) === false)
          return { kind: 'never', reason: 'the target file is there already; name another, or move it away' }
      } finally {
        await target.close()
      }
      const what = run === undefined ? [await preview(from, place, signal)] : ['copies records']
      return { kind: 'todo', what, memo: { run: run ?? 0, ordinal: ordinal ?? 0 } }
    },
    perform: async (_memo, signal, { run, ordinal, stop, progress }): Promise<Attempt> => {
      const source = await from.open(await endPlace(place))
      const target = await to.open(await endPlace(place))
      try {
        const ledger = new Ledger(work.store, run, ordinal)
        return await transfer({
          source: asKept(source, target),
          target,
          ledger,
          options,
          context: work.context,
          signal,
          stop,
          progress,
        })
      } finally {
        await source.close()
        await target.close()
      }
    },
  }
}

async function preview(from: Opener<RecordSource>, place: StepPlace, signal: AbortSignal): Promise<string> {
  const source = await from.open(await endPlace(place))
  try {
    const { records, next } = await source.page(null, signal)
    return next === null
      ? `copies ${records.length} records`
      : `copies ${records.length} records on the first page, and more`
  } catch (error) {
    if (error instanceof HttpFailure) return `the source cannot be read now: ${error.message}`
    throw error
  } finally {
    await source.close()
  }
}

const STATES = {
  created: ['created'],
  all: ['created', 'replaced', 'written', 'same'],
} as const satisfies Readonly<Record<string, readonly RecordState[]>>

/** Where records came from and went to. */
interface Ends {
  readonly from: Opener<RecordSource>
  readonly to: Opener<RecordTarget>
  readonly fields: Options['fields']
}

function removeStep(
  { from, to, fields }: Ends,
  place: StepPlace,
  ledger: Ledger,
  states: readonly RecordState[],
): BoundStep {
  return {
    check: async () => {
      const counts = ledger.counts()
      const open = states.reduce((sum, state) => sum + counts[state], 0)
      const row = ledger.read()
      if (open === 0 && (row === undefined || !isUnderWay(row))) return { kind: 'so' }
      const target = await to.open({ ...(await endPlace(place)), salt: '' })
      const canTakeAway = canRemove(target) || target.rewind !== undefined
      await target.close()
      if (!canTakeAway) return { kind: 'never', reason: 'the target cannot take records away' }
      return { kind: 'todo', what: [`takes ${open} records away`], memo: null }
    },
    perform: async (_memo, signal, { stop, progress }) => {
      const target = await to.open(await endPlace(place))
      try {
        return await removeCreated({
          target,
          ledger,
          signal,
          stop,
          progress,
          states,
          options: { fields },
          source: async () => asKept(await from.open(await endPlace(place)), target),
        })
      } finally {
        await target.close()
      }
    },
  }
}

async function endPlace({ work, lookup, run = 0, ordinal = 0 }: StepPlace): Promise<EndPlace> {
  // What a former run began and nobody finished is this very transfer: its requests bear the same keys.
  const first = firstUnfinished(await work.formers(ordinal)) ?? { run, ordinal }
  return { work, lookup, salt: `${first.run}/${first.ordinal}` }
}
