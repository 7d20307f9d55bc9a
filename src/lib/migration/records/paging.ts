import { type JsonPath, parseJsonPath, valueAt } from '../../connector/json-path.ts'
import {
  choice,
  integer,
  no,
  optional,
  type Setting,
  type SettingsValues,
  text,
} from '../../connector/settings.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { isScalar, scalarText } from './scalar.ts'

/** A way to a value in JSON. */
export function jsonPath(description: string): Setting<JsonPath> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', minLength: 1 },
    read: (value) => {
      const read = typeof value === 'string' ? parseJsonPath(value) : undefined
      return read === undefined
        ? no('is no way into JSON', 'It is like $.id or $.items[0].name.')
        : { ok: true, value: read }
    },
  }
}

const PAGING_STYLES = ['none', 'offset', 'page', 'cursor', 'link', 'odata'] as const

/** How a collection is read in pages. */
export const pagingSettings = {
  style: choice(
    'none: all at once. offset: how many to leave out. page: number of the page. cursor: a word of the answer. link: the Link header (RFC 8288). odata: @odata.nextLink (OData 4.01 §11.2.6.7).',
    PAGING_STYLES,
  ),
  size: optional(integer('Records of a page, as they are asked for.', 1, 10_000), 500),
  sizeParameter: optional(
    text('Parameter for the size; where none is given: limit, pageSize, $top, by style.'),
  ),
  parameter: optional(text('Parameter for offset, page or cursor; where none is given the word itself.')),
  first: optional(integer('Number of the first page.', 0, 1), 1),
  next: optional(jsonPath('Where the answer says the next cursor.')),
}

export type Paging = SettingsValues<typeof pagingSettings>

const SIZE_PARAMETERS: Readonly<Record<Paging['style'], string | undefined>> = {
  none: undefined,
  offset: 'limit',
  page: 'pageSize',
  cursor: 'limit',
  link: 'limit',
  odata: '$top',
}

/**
 * The address of a page.
 * @param cursor of the page before, see `nextCursor`
 */
export function pageUrl(base: URL, paging: Paging, cursor: string | null): URL {
  const { style, size, first, parameter } = paging
  // The other side says the whole address; that it is on the same server was looked at when it was read.
  if ((style === 'link' || style === 'odata') && cursor !== null) return new URL(cursor, base)
  const url = new URL(base)
  const sizeParameter = paging.sizeParameter ?? SIZE_PARAMETERS[style]
  if (sizeParameter !== undefined) url.searchParams.set(sizeParameter, String(size))
  switch (style) {
    case 'offset':
      url.searchParams.set(parameter ?? 'offset', cursor ?? '0')
      break
    case 'page':
      url.searchParams.set(parameter ?? 'page', cursor ?? String(first))
      break
    case 'cursor':
      if (cursor !== null) url.searchParams.set(parameter ?? 'cursor', cursor)
      break
    case 'none':
    case 'link':
    case 'odata':
      break
  }
  return url
}

/**
 * Where the next page begins; null after the last. Offsets and pages end with a page that is empty and not with a short
 * one: some servers give less than they are asked for.
 * @param records on this page
 * @throws Error with a sentence when the other side leads elsewhere
 */
export function nextCursor(
  { paging, base, cursor }: { readonly paging: Paging; readonly base: URL; readonly cursor: string | null },
  answer: HttpAnswer,
  body: unknown,
  records: number,
): string | null {
  switch (paging.style) {
    case 'none':
      return null
    case 'offset':
      return records === 0 ? null : String(Number(cursor ?? '0') + records)
    case 'page':
      return records === 0 ? null : String(Number(cursor ?? paging.first) + 1)
    case 'cursor': {
      const value = valueAt(body, paging.next ?? ['next'])
      if (value === null || value === undefined || value === '') return null
      if (!isScalar(value)) throw new Error('the cursor is no text')
      return checkedCursor(scalarText(value))
    }
    case 'link':
      return sameOrigin(linkNext(answer.headers.link), base)
    case 'odata': {
      const value = valueAt(body, ['@odata.nextLink'])
      return sameOrigin(typeof value === 'string' ? value : undefined, base)
    }
  }
}

const MAX_CURSOR = 4096

function checkedCursor(cursor: string): string {
  if (cursor.length > MAX_CURSOR) throw new Error('the cursor is longer than 4 kB')
  return cursor
}

/** @returns path and query of an address, which has to be on the same server: credentials go there */
function sameOrigin(link: string | undefined, base: URL): string | null {
  if (link === undefined || link === '') return null
  const url = URL.parse(link, base)
  if (url === null || url.origin !== base.origin)
    throw new Error(`its next page is on another server (${url?.origin ?? 'no address'})`)
  return checkedCursor(`${url.pathname}${url.search}`)
}

/** The target of the link with rel=next, RFC 8288 §3. */
function linkNext(header: string | string[] | undefined): string | undefined {
  for (const link of [header ?? []]
    .flat()
    .join(',')
    .split(/,\s*(?=<)/)) {
    const [, target, parameters = ''] = /^\s*<([^>]*)>(.*)$/.exec(link) ?? []
    if (target !== undefined && /;\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next(?=\s*(?:;|$)))/i.test(parameters))
      return target
  }
  return undefined
}
