import { hash } from 'node:crypto'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { WriteOutcome } from '../driver.ts'
import { API, byErc, lookUp, missingApi } from './resources.ts'
import { type Answer, isAbsent, type LiferaySession, problemText } from './session.ts'
import { accepted, Settled } from './settle.ts'
import type { ImportTask, Organization } from './types.ts'

const CLASS = 'com.liferay.headless.admin.user.dto.v1_0.Organization'
const TASKS = `${API.batch}/import-task`
const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 2000

/**
 * Imports new organizations in one task. It goes by a code made of the keys: a task that is there already was sent by
 * a former attempt and is only waited for. An item that exists is not overwritten but fails.
 * @param keys idempotency keys in the order of the organizations
 * @param signal for the requests that send something; waiting for the result may take longer
 * @returns an outcome for each, in their order; `refused` with the portal's words for items that it did not take
 * @throws Settled, HttpFailure
 */
export async function importOrganizations(
  session: LiferaySession,
  organizations: readonly Organization[],
  keys: readonly string[],
  signal: AbortSignal,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<readonly WriteOutcome[]> {
  const code = hash('sha256', keys.join('\n'), 'hex').slice(0, 32)
  const address = byErc(TASKS, code)
  let task = await lookUp<ImportTask>(session, address, signal)
  if (task === undefined) {
    const query = new URLSearchParams({
      createStrategy: 'INSERT',
      externalReferenceCode: code,
      importStrategy: 'ON_ERROR_CONTINUE',
    })
    const answer = await session.send('POST', `${TASKS}/${CLASS}?${query}`, organizations, signal)
    if (answer.status === 404 && answer.json === undefined) throw missingApi(session.portal, TASKS)
    task = taskIn(accepted(answer))
  }
  return outcomesOf(await finished(session, address, task, sleep), organizations.length)
}

/** Waits for the end of a task. What cannot be asked any more may have been done. */
async function finished(
  session: LiferaySession,
  address: string,
  task: ImportTask,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<ImportTask> {
  let present = task
  for (let wait = FIRST_WAIT_MS; !isOver(present); wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    await sleep(wait)
    const answer = await readTask(session, address)
    if (isAbsent(answer) || answer.status >= 300)
      throw new Settled({
        kind: 'unknown',
        reason: `the import task cannot be asked: ${problemText(answer)}`,
      })
    present = taskIn(answer)
  }
  return present
}

/** The import is under way: whatever keeps us from asking says nothing about what it did. */
async function readTask(session: LiferaySession, address: string): Promise<Answer> {
  try {
    return await session.read(address)
  } catch (error) {
    if (!(error instanceof OzgctlError) || error.exit !== EXIT.unavailable) throw error
    throw new Settled({ kind: 'unknown', reason: `the import task cannot be asked: ${error.message}` })
  }
}

function taskIn({ json }: Answer): ImportTask {
  if (typeof json === 'object' && json !== null) return json
  throw new Settled({ kind: 'unknown', reason: 'the portal did not say what became of the import' })
}

const isOver = ({ executeStatus }: ImportTask): boolean =>
  executeStatus === 'COMPLETED' || executeStatus === 'FAILED'

/** A task that is COMPLETED can still carry items that failed. */
function outcomesOf(task: ImportTask, count: number): readonly WriteOutcome[] {
  const { executeStatus, errorMessage, failedItems = [], processedItemsCount = count } = task
  const failed = new Map(
    failedItems.map(({ itemIndex, message }) => [itemIndex, message ?? 'no reason given']),
  )
  const isWhole = executeStatus === 'COMPLETED' && processedItemsCount >= count - failed.size
  return Array.from({ length: count }, (_, at): WriteOutcome => {
    const reason = failed.get(at)
    if (reason !== undefined) return { kind: 'refused', reason }
    if (isWhole) return { kind: 'done', repeated: false }
    return {
      kind: 'unknown',
      reason: `the import task ended early: ${errorMessage ?? executeStatus ?? 'unknown'}`,
    }
  })
}
