import { HttpResponse, http } from 'msw'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/migration/records/model.ts'
import { failure } from '../support/failure.ts'
import { migrationWorld } from '../support/migration.ts'
import { LIFERAY, portalThatAnswers } from '../support/portal-that-answers.ts'
import { recordServer, type Shown } from '../support/record-server.ts'
import { recorder } from '../support/recorder.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { BRAMSCHE, MELLE } from '../support/tenant.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * The other side never comes to an end by itself. We do, within so many requests, and say why. Beyond them a server of
 * these tests gives up, so that a tool that would go on for ever fails here and does not stand.
 */
const RECORDS: readonly JsonObject[] = upTo(6).map((number) => ({ id: `r${number}`, name: `Süd ${number}` }))
const MOST_REQUESTS = 2000

/** A page by its number from 0 on, of those that have no end. */
const PAGES: Readonly<Record<string, (at: number) => readonly JsonObject[]>> = {
  'the same page': () => RECORDS.slice(0, 2),
  'two pages in turn': (at) => RECORDS.slice((at % 2) * 2, (at % 2) * 2 + 2),
  'a ring behind a way into it': (at) =>
    at < 2 ? [RECORDS[at] ?? {}] : RECORDS.slice(2 + (at % 3), 3 + (at % 3)),
  'empty pages': () => [],
  'ever new records': (at) => upTo(20).map((number) => ({ id: `n${at}-${number}`, name: 'neu' })),
  'a known record and one that is none': () => [RECORDS[0] ?? {}, { name: 'ohne Schlüssel' }],
  'the whole, again and again': () => RECORDS,
}

describe('a collection', () => {
  const SIDES = ['source', 'listed'] as const

  async function read(
    side: (typeof SIDES)[number],
    pageOf: (at: number) => readonly JsonObject[],
    style: string,
  ) {
    const server = await recordServer(RECORDS)
    const process = await (await migrationWorld(1)).process()
    let at = 0
    server.shown = (root): Shown | undefined => {
      if (root !== side) return undefined
      const items = pageOf(at++)
      return { items, next: `c${at}` }
    }
    server.fate = ({ number }) => (number > MOST_REQUESTS ? 'drop-before' : 'do')
    const paging = (of: string, name: string) =>
      `url: "${server.url}/${name}/${of}", records: $.items, paging: { style: ${of}, ${of === 'cursor' ? 'next: $.next, parameter: cursor' : 'size: 2'} }`
    const [from, to] = [side === 'source' ? style : 'offset', side === 'listed' ? style : 'offset']
    const status = await process.run(`steps:
  - id: s
    kind: records.transfer
    most: 500
    from: { kind: json-http, ${paging(from, 'source')} }
    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", list: { ${paging(to, 'listed')} } }
`)
    return { server, status }
  }

  test('without end is not read for ever', async () => {
    // Where records are counted, an empty page is an end like any other.
    const all = pairs(pairs(Object.entries(PAGES), SIDES), ['offset', 'cursor']).filter(
      ([[[name]], style]) => name !== 'empty pages' || style === 'cursor',
    )
    for (const [[[name, pageOf], side], style] of drawn('endless collections', all, 14)) {
      const point = `${side} by ${style}: ${name}`
      const { server, status } = await read(side, pageOf, style)
      expect(server.requests.length, point).toBeLessThan(MOST_REQUESTS)
      expect(
        status.transfers.map(({ clean }) => clean),
        point,
      ).not.toContain(true)
      const ended = status.tenants.map(({ state }) => state)
      expect(ended, `${point}: ${JSON.stringify(status.causes)}`).toEqual(['failed'])
      expect(status.causes[0]?.reason ?? '', point).not.toBe('')
    }
  }, 300_000)
})

describe('a portal', () => {
  const organization = (number: number) => ({
    id: String(number),
    externalReferenceCode: `03459${String(number).padStart(7, '0')}`,
    name: `Ort ${number}`,
    customFields: [],
  })
  type Hits = (
    page: number,
    size: number,
  ) => { items: readonly object[]; lastPage: number; totalCount: number }
  const span = (from: number, size: number) => upTo(size).map((one) => organization(from + one))
  const LISTS: Readonly<Record<string, Hits>> = {
    'whose list counts ever more': (page, size) => ({
      items: span(page * size, size),
      lastPage: page + 1,
      totalCount: (page + 1) * size,
    }),
    'whose list has a thousand million pages': (page, size) => ({
      items: span(page * size, size),
      lastPage: 1e9,
      totalCount: 9000,
    }),
    'whose list is the same on each page': (_page, size) => ({
      items: span(0, size),
      lastPage: 1e9,
      totalCount: 1e9,
    }),
  }

  test.each(Object.entries(LISTS))('%s', async (_name, hits) => {
    let asked = 0
    const portal = await portalThatAnswers(
      http.get(`${LIFERAY.user}/organizations`, ({ request }) => {
        if (++asked > 20_000) return HttpResponse.error()
        const { searchParams } = new URL(request.url)
        return HttpResponse.json(hits(Number(searchParams.get('page')), Number(searchParams.get('pageSize'))))
      }),
    )
    const read = async (): Promise<void> => {
      for await (const _ of portal.list());
    }
    expect(await failure(read)).toMatchObject({ exit: 69 })
    expect(asked).toBeLessThan(20_000)
  })

  const STATES: readonly object[] = [
    { executeStatus: 'STARTED', processedItemsCount: 0 },
    { executeStatus: 'INITIAL' },
    { executeStatus: 'PAUSED', processedItemsCount: 1 },
    {},
  ]

  test('whose import task is never over', async () => {
    for (const state of STATES) {
      let asked = 0
      const place = await startSandbox()
      const between = await recorder(place.url, async ({ method, path }, pass) => {
        if (!path.includes('/import-task/')) return pass()
        const isEnough = ++asked > MOST_REQUESTS
        // It takes the task, and then nothing happens.
        if (method === 'GET' && asked === 1) return pass()
        const [, code = ''] = /(?:externalReferenceCode=|by-external-reference-code\/)(\w+)/.exec(path) ?? []
        const said = isEnough ? { executeStatus: 'COMPLETED' } : state
        const body = JSON.stringify({ externalReferenceCode: code, ...said })
        return { status: method === 'POST' ? 202 : 200, contentType: 'application/json', body }
      })
      const portal = liferayPortal({ ...place, url: between.url }, { batchImport: true })
      const writes = [BRAMSCHE, MELLE].map((tenant) => ({ kind: 'create', tenant, key: tenant.ars }) as const)
      const outcomes = await portal.write(writes)
      expect(asked, JSON.stringify(state)).toBeLessThan(MOST_REQUESTS)
      expect(asked, JSON.stringify(state)).toBeGreaterThan(2)
      // Nobody knows what it did, or will do.
      expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown'])
    }
  }, 120_000)
})
