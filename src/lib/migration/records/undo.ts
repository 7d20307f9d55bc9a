import pLimit from 'p-limit'
import { HttpFailure } from '../../http/failure.ts'
import type { Attempt } from '../../journal/executor.ts'
import type { RecordState } from './ledger.ts'
import type { Transfer } from './place.ts'

const PAGE = 500
const AT_ONCE = 8

/**
 * Takes away what a transfer created, the last record first. What is not there any more is taken away; a page that was
 * under way when the process died is done again.
 */
export async function removeCreated({
  target,
  ledger,
  signal,
  stop,
  progress,
  states,
}: Pick<Transfer, 'target' | 'ledger' | 'signal' | 'stop' | 'progress'> & {
  readonly states: readonly RecordState[]
}): Promise<Attempt> {
  if (target.remove === undefined) return putBack({ target, ledger }, states)
  const limit = pLimit(AT_ONCE)
  let done = 0
  try {
    for (;;) {
      const page = ledger.last(states, PAGE)
      if (page.length === 0) return { kind: 'done' }
      const outcomes = await Promise.all(
        page.map(({ key }) => limit(async () => target.remove?.(key, signal))),
      )
      await ledger.removed(page.filter((_, at) => outcomes[at]?.kind === 'done').map(({ id }) => id))
      done += page.length
      progress(done)
      const open = outcomes.find((outcome) => outcome?.kind !== 'done')
      if (open?.kind === 'refused') return { kind: 'failed', reason: open.reason }
      if (open?.kind === 'later') return open
      if (open?.kind === 'unknown') return { kind: 'later', reason: open.reason, afterMs: null }
      if (stop.aborted) return { kind: 'unfinished' }
    }
  } catch (error) {
    if (error instanceof HttpFailure) return { kind: 'later', reason: error.message, afterMs: null }
    throw error
  }
}

/** A file loses all that was appended. */
async function putBack(
  { target, ledger }: Pick<Transfer, 'target' | 'ledger'>,
  states: readonly RecordState[],
): Promise<Attempt> {
  await target.rewind?.(null)
  for (let page = ledger.last(states, PAGE); page.length > 0; page = ledger.last(states, PAGE))
    await ledger.removed(page.map(({ id }) => id))
  return { kind: 'done' }
}
