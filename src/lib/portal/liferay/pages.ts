import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { List } from './addresses.ts'
import { pageIn } from './parse.ts'
import { badAnswer, bodyOf } from './resources.ts'
import type { LiferaySession } from './session.ts'
import type { Page } from './types.ts'

const PAGE_SIZE = 500
/** Lists come from the search index, which hands out so many hits of a search, and often counts no further. */
const WINDOW = 10_000
/** Germany has some 16,000 regions of all levels: a list that goes on beyond this does not end. */
const MOST_ITEMS = 100_000

type Id = string | number
interface Item {
  readonly id?: Id
}

/**
 * All of a list, or an error. Where the index hands out no more, the rest is read from the other end: where both meet,
 * the list is whole.
 * @throws OzgctlError 69 PORTAL_MOVED when the list changed while it was read, PORTAL_LIST_CUT when not all of it is
 * handed out, PORTAL_ANSWER for what is no list or has no end; 6 UNAUTHORISED
 */
export async function* readPages<T extends Item>(
  session: LiferaySession,
  list: List<T>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<Id>()
  let last: Id | undefined
  for (let number = 1; ; number++) {
    const page = await nextPage(session, list, number, seen)
    if (page === 'window') break
    const { items, lastPage, totalCount } = page
    for (const { id } of items) if (id !== undefined) seen.add(id)
    last = items.at(-1)?.id ?? last
    if (totalCount > MOST_ITEMS || seen.size > MOST_ITEMS) throw endless(session, list)
    if (seen.size > totalCount && totalCount < WINDOW) throw moved(session)
    yield items
    if (number < lastPage && items.length > 0) continue
    if (seen.size < totalCount && seen.size < WINDOW) throw moved(session)
    // A count that is the window itself is perhaps only where the counting ended.
    if (seen.size >= totalCount && totalCount !== WINDOW) return
    break
  }
  yield* readFromTheEnd(session, list, seen, last)
}

/**
 * The next page, all of it new.
 * @returns `window` where the index does not go so far: it refuses, or gives what it gave before
 */
async function nextPage<T extends Item>(
  session: LiferaySession,
  list: List<T>,
  number: number,
  seen: ReadonlySet<Id>,
): Promise<Page<T> | 'window'> {
  const isBehind = seen.size >= WINDOW
  try {
    const page = await readPage(session, list, 'asc', number)
    const ids = new Set(page.items.map(({ id }) => idOf(session, list, id)))
    if (ids.size === page.items.length && ![...ids].some((id) => seen.has(id))) return page
    if (!isBehind) throw moved(session)
  } catch (error) {
    const isAnswer = error instanceof OzgctlError && error.code === 'PORTAL_ANSWER'
    if (!isBehind || !isAnswer) throw error
  }
  return 'window'
}

/** What lies behind the last item that is known, the end of the list first. */
async function* readFromTheEnd<T extends Item>(
  session: LiferaySession,
  list: List<T>,
  seen: Set<Id>,
  last: Id | undefined,
): AsyncGenerator<readonly T[]> {
  const known = seen.size
  for (let number = 1; list.isSorted && seen.size < known + WINDOW; number++) {
    const { items } = await readPage(session, list, 'desc', number)
    const end = items.findIndex(({ id }) => id !== undefined && seen.has(id))
    const more = end === -1 ? items : items.slice(0, end)
    for (const { id } of more) seen.add(idOf(session, list, id))
    if (more.length > 0) yield more
    // Only the very last of the others: or the two ways are not the same list.
    if (end !== -1 && items[end]?.id === last) return
    if (end !== -1 || items.length === 0) break
  }
  throw new OzgctlError(
    'PORTAL_LIST_CUT',
    `${session.portal} does not hand out all of its ${list.what}: ${seen.size} were read and there are more, or it does not say that there are none`,
    {
      exit: EXIT.unavailable,
      suggestions: [
        'An administrator can let the search index hand out more (index.max_result_window of Elasticsearch).',
      ],
    },
  )
}

async function readPage<T>(
  session: LiferaySession,
  { path, isSorted, read }: List<T>,
  order: 'asc' | 'desc',
  number: number,
): Promise<Page<T>> {
  const sort = isSorted ? `sort=id:${order}&` : ''
  const query = `${path}${path.includes('?') ? '&' : '?'}${sort}page=${number}&pageSize=${PAGE_SIZE}`
  const answer = await session.read(query)
  // Nobody may look at any of it.
  if (answer.status === 403) throw session.refusal(answer)
  const page = pageIn(bodyOf(session, query, answer), read)
  if (page === undefined) throw badAnswer(session, query, 'an answer that is no list')
  return page
}

/** One page of the newest, however many there are. */
export const readNewest = async <T>(
  session: LiferaySession,
  list: List<T>,
  number: number,
): Promise<readonly T[]> => (await readPage(session, list, 'desc', number)).items

function idOf<T>(session: LiferaySession, list: List<T>, id: Id | undefined): Id {
  if (id !== undefined) return id
  throw badAnswer(session, list.path, 'a list of things without ids')
}

const endless = <T>(session: LiferaySession, list: List<T>): OzgctlError =>
  badAnswer(session, list.path, `a list of more than ${MOST_ITEMS} ${list.what}, which cannot be`)

function moved({ portal }: LiferaySession): OzgctlError {
  return new OzgctlError('PORTAL_MOVED', `the list of ${portal} changed while it was read`, {
    exit: EXIT.unavailable,
    suggestions: ['Run the command again.'],
  })
}
