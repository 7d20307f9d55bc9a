import { hash } from 'node:crypto'
import pLimit from 'p-limit'
import { OzgctlError } from '../../errors.ts'
import { within } from '../../http/deadline.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { WriteOutcome } from '../driver.ts'
import { ALL_ORGANIZATIONS, organizationAt, TASKS, taskAt } from './addresses.ts'
import { writtenBy } from './mapping.ts'
import { readNewest } from './pages.ts'
import { importTaskIn } from './parse.ts'
import { lookUp, missingApi, readOne } from './resources.ts'
import { isAbsent, type LiferaySession, problemText } from './session.ts'
import { acceptedBody } from './settle.ts'
import type { ImportTask, Organization } from './types.ts'

const CLASS = 'com.liferay.headless.admin.user.dto.v1_0.Organization'
const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 2000
/** What was just made is among the newest; others may be made at the same time. */
const PAGES_OF_NEWEST = 3
/** So many items at once are looked at by themselves. */
const READERS = 8

/** How long a task is waited for. */
export interface Patience {
  /** While nothing of it gets done, in milliseconds. */
  readonly idleMs: number
  /** In all. */
  readonly wholeMs: number
  readonly sleep: (milliseconds: number) => Promise<void>
}

/**
 * Imports new organizations in one task. It goes by a code made of the keys: a task that is there already was sent by
 * a former attempt and is only waited for. An item that exists is not overwritten but fails.
 *
 * What a task says of itself is a hint: an item is done when the portal has it, with the key of the write.
 * @param keys idempotency keys in the order of the organizations
 * @param signal for the requests that send something; waiting for the result may take longer
 * @returns an outcome for each, in their order; `refused` for items that the portal does not have after the end of the
 * task
 * @throws Settled, HttpFailure
 */
export async function importOrganizations(
  session: LiferaySession,
  organizations: readonly Organization[],
  keys: readonly string[],
  signal: AbortSignal,
  patience: Patience,
): Promise<readonly WriteOutcome[]> {
  const code = hash('sha256', keys.join('\n'), 'hex').slice(0, 32)
  let task = await lookUp(session, taskAt(code), signal)
  if (task === undefined) {
    const query = new URLSearchParams({
      createStrategy: 'INSERT',
      externalReferenceCode: code,
      importStrategy: 'ON_ERROR_CONTINUE',
    })
    const answer = await session.send('POST', `${TASKS}/${CLASS}?${query}`, organizations, signal)
    if (session.lacksApi(TASKS, answer)) throw missingApi(session.portal, TASKS)
    task = importTaskIn(acceptedBody(answer))
  }
  const { present, problem } = await waited(session, code, task, patience)
  return outcomesOf(session, organizations, present, problem)
}

interface Waited {
  /** The task as it was seen last. */
  readonly present: ImportTask
  /** Why it was asked no more, before its end. */
  readonly problem: string | undefined
}

/** Waits for the end of a task, as long as it gets on. */
async function waited(
  session: LiferaySession,
  code: string,
  task: ImportTask,
  { idleMs, wholeMs, sleep }: Patience,
): Promise<Waited> {
  let present = task
  let problem = `the import task ${code} does not get on`
  let idle = 0
  let whole = 0
  for (let wait = FIRST_WAIT_MS; !isOver(present); wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    if (idle >= idleMs || whole >= wholeMs) return { present, problem }
    await sleep(wait)
    const asked = await ask(session, code, idleMs)
    const isFurther = (asked.task?.processedItemsCount ?? 0) > (present.processedItemsCount ?? 0)
    present = asked.task ?? present
    problem = asked.problem ?? `the import task ${code} does not get on`
    idle = isFurther ? 0 : idle + wait + asked.tookMs
    whole += wait + asked.tookMs
  }
  return { present, problem: undefined }
}

interface Asked {
  readonly task?: ImportTask
  readonly problem?: string
  /** Time that went by without an answer. */
  readonly tookMs: number
}

/** Asks for a task once. The import is under way: whatever keeps us from asking says nothing about what it did. */
async function ask(session: LiferaySession, code: string, idleMs: number): Promise<Asked> {
  const { path, read, name, nameOf } = taskAt(code)
  const problem = (why: string): string => `the import task ${code} cannot be asked: ${why}`
  try {
    const answer = await within(idleMs, undefined, (signal) => session.send('GET', path, undefined, signal))
    const { status, json } = answer
    if (status < 200 || status >= 300 || typeof json !== 'object' || json === null)
      // A task that is not there any more will never be over.
      return { problem: problem(problemText(answer)), tookMs: isAbsent(answer) ? idleMs : 0 }
    const task = read(json)
    return nameOf(task) === name ? { task, tookMs: 0 } : { problem: problem('another answers'), tookMs: 0 }
  } catch (error) {
    if (!(error instanceof HttpFailure) && !(error instanceof OzgctlError)) throw error
    return { problem: problem(error.message), tookMs: idleMs }
  }
}

const isOver = ({ executeStatus }: ImportTask): boolean =>
  executeStatus === 'COMPLETED' || executeStatus === 'FAILED'

/** @param problem why the end of the task was not seen */
async function outcomesOf(
  session: LiferaySession,
  organizations: readonly Organization[],
  { errorMessage, failedItems = [] }: ImportTask,
  problem: string | undefined,
): Promise<readonly WriteOutcome[]> {
  const failed = new Map(failedItems.map(({ itemIndex, message }) => [itemIndex, message]))
  const newest = await newestByCode(session, organizations)
  const limited = pLimit(READERS)
  return Promise.all(
    organizations.map((wanted, at) =>
      limited(async (): Promise<WriteOutcome> => {
        const listed = newest.get(wanted.externalReferenceCode)
        const there =
          listed !== undefined && isSame(listed, wanted)
            ? 'yes'
            : failed.has(at)
              ? 'no'
              : await lookFor(session, wanted)
        if (there === 'yes') return { kind: 'done', repeated: false }
        if (there === 'unclear') return { kind: 'unknown', reason: 'what was imported cannot be read back' }
        if (problem !== undefined && !failed.has(at)) return { kind: 'unknown', reason: problem }
        return { kind: 'refused', reason: failed.get(at) ?? errorMessage ?? 'the import ended without it' }
      }),
    ),
  )
}

/** Whether it was made by the write that wanted it. */
const isSame = (found: Organization, wanted: Organization): boolean =>
  writtenBy(found).key === writtenBy(wanted).key

/** The organizations that were made last, as far as the list has them yet. */
async function newestByCode(
  session: LiferaySession,
  organizations: readonly Organization[],
): Promise<ReadonlyMap<string | undefined, Organization>> {
  const found = new Map<string | undefined, Organization>()
  const isMissing = ({ externalReferenceCode }: Organization): boolean => !found.has(externalReferenceCode)
  try {
    for (let page = 1; page <= PAGES_OF_NEWEST && organizations.some(isMissing); page++) {
      const items = await readNewest(session, ALL_ORGANIZATIONS, page)
      for (const item of items) found.set(item.externalReferenceCode, item)
      if (items.length === 0) break
    }
  } catch (error) {
    // Each is looked at by itself then.
    if (!(error instanceof OzgctlError)) throw error
  }
  return found
}

async function lookFor(session: LiferaySession, wanted: Organization): Promise<'yes' | 'no' | 'unclear'> {
  try {
    const found = await readOne(session, organizationAt(wanted.externalReferenceCode ?? ''))
    return found !== undefined && isSame(found, wanted) ? 'yes' : 'no'
  } catch (error) {
    if (!(error instanceof OzgctlError)) throw error
    return 'unclear'
  }
}
