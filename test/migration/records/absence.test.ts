import { describe, expect, it } from 'vitest'
import type { RecordClient } from '../../../src/lib/migration/records/client.ts'
import { cmisSettings, cmisTarget } from '../../../src/lib/migration/records/cmis.ts'
import { dvelopSettings, dvelopTarget } from '../../../src/lib/migration/records/dvelop.ts'
import { enaioSettings, enaioTarget } from '../../../src/lib/migration/records/enaio.ts'
import { jsonTarget, jsonTargetSettings } from '../../../src/lib/migration/records/json-target.ts'
import type { RecordTarget } from '../../../src/lib/migration/records/model.ts'
import { cmis } from '../../../src/lib/sandbox/stand-ins/cmis.ts'
import { dvelop } from '../../../src/lib/sandbox/stand-ins/dvelop.ts'
import { enaio } from '../../../src/lib/sandbox/stand-ins/enaio.ts'
import type { StandIn } from '../../../src/lib/sandbox/stand-ins/stand-in.ts'
import { failure } from '../../support/failure.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import {
  basic,
  bearer,
  fileOf,
  type Meddle,
  type Meddling,
  recordClient,
  recordSystem,
  SIGNAL,
  settingsOf,
} from '../../support/records.ts'

/** A document system, how its documents are taken away, and what its answer is to one that is not there. */
interface System {
  readonly standIn: StandIn
  readonly login: typeof basic
  readonly target: (client: RecordClient) => RecordTarget
  readonly isRemoval: (method: string, path: string) => boolean
}

const CMIS: System = {
  standIn: cmis,
  login: basic,
  target: (client) => cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), client),
  isRemoval: (method, path) => method === 'POST' && path.includes('objectId='),
}
const DVELOP: System = {
  standIn: dvelop,
  login: bearer,
  target: (client) =>
    dvelopTarget(
      settingsOf(dvelopSettings.target, {
        repository: 'akten',
        category: 'post',
        keyProperty: 'aktenzeichen',
      }),
      client,
    ),
  isRemoval: (method) => method === 'DELETE',
}
const ENAIO: System = {
  standIn: enaio,
  login: basic,
  target: (client) =>
    enaioTarget(
      settingsOf(enaioSettings.target, {
        objectType: 'Dokument',
        objectTypeId: '262146',
        keyProperty: 'Aktenzeichen',
      }),
      client,
    ),
  isRemoval: (method) => method === 'DELETE',
}

const HTML = { 'content-type': 'text/html' }
const PAGE = '<html><head><title>404 Not Found</title></head><body>nginx</body></html>'
const SPRING = '{"timestamp":"2026-11-27T10:00:00Z","status":404,"error":"Not Found","path":"/api"}'

/** Answers that others than the system give, and systems that are not up yet. */
const FOREIGN: readonly (readonly [string, Meddling])[] = [
  ['a page', { answer: 404, headers: HTML, body: PAGE }],
  ['a page that says 410', { answer: 410, headers: HTML, body: PAGE }],
  ['a sentence', { answer: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }],
  ['nothing', { answer: 404 }],
  ['JSON of a gateway', { answer: 404, headers: { 'content-type': 'application/json' }, body: SPRING }],
]
const LOGIN: Meddling = { answer: 200, headers: HTML, body: '<!doctype html><title>Anmelden</title>' }

const DONE = { kind: 'done', created: true }
const GONE = { kind: 'done', created: null }
const RECORD = { key: 'a', fields: {}, content: fileOf(Buffer.from('Grüße')) }

describe.each([
  ['CMIS', CMIS],
  ['d.velop', DVELOP],
  ['enaio', ENAIO],
])('%s', (_name, { standIn, login, target, isRemoval }) => {
  const prepared = async (meddle: Meddle) => {
    const { client, open } = await recordSystem(standIn, login, meddle)
    const to = target(client)
    expect(await to.write([RECORD], SIGNAL)).toEqual([DONE])
    return { to, open }
  }

  it.each(FOREIGN)('takes nothing for taken away that %s says is not there', async (_what, how) => {
    let isForeign = true
    const { to } = await prepared((method, path) => (isForeign && isRemoval(method, path) ? how : 'pass'))
    expect((await to.remove?.('a', SIGNAL))?.kind).toBe('later')
    isForeign = false
    expect((await to.find?.('a', SIGNAL))?.key).toBe('a')
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    expect(await to.find?.('a', SIGNAL)).toBeUndefined()
  })

  it.each(FOREIGN.slice(0, 4))(
    'says nothing of its documents while all that answers is %s',
    async (_what, how) => {
      let isUp = true
      const { to } = await prepared(() => (isUp ? 'pass' : how))
      isUp = false
      expect((await failure(() => to.find?.('a', SIGNAL))).code).toBe('RECORDS_UNAVAILABLE')
      expect((await to.remove?.('a', SIGNAL))?.kind).toBe('later')
      expect((await to.write([{ ...RECORD, key: 'b' }], SIGNAL)).map(({ kind }) => kind)).not.toContain(
        'refused',
      )
      isUp = true
      expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    },
  )

  it('takes nothing for taken away when a log-in answers', async () => {
    const { to } = await prepared((method, path) => (isRemoval(method, path) ? LOGIN : 'pass'))
    expect((await to.remove?.('a', SIGNAL))?.kind).toBe('unknown')
  })

  it('knows what somebody else has taken away in the meantime', async () => {
    let asked = 0
    const { to, open } = await prepared((method, path) => {
      if (!isRemoval(method, path)) return 'pass'
      asked++
      open.reset?.()
      return 'pass'
    })
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    expect(asked).toBe(1)
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    expect(asked).toBe(1)
  })
})

describe('JSON over HTTP', () => {
  const asked = async (
    status: number,
    body: string,
    headers: Readonly<Record<string, string>>,
    more: Readonly<Record<string, unknown>> = {},
  ) => {
    const { origin } = await faultServer([answer(status, body, headers)])
    const url = `${origin.origin}/records`
    const to = jsonTarget(
      settingsOf(jsonTargetSettings, { url, item: `${url}/\${record.key}`, ...more }),
      recordClient(url, 'Basic x'),
      () => undefined,
      '',
    )
    const found = await to.find?.('a', SIGNAL).then(
      (record) => record ?? 'not there',
      (error: Error) => error.message.replace(origin.origin, 'it'),
    )
    const [written] = await to.write([{ key: 'a', fields: {} }], SIGNAL)
    return [found, (await to.remove?.('a', SIGNAL))?.kind, written?.kind]
  }
  const JSON_TYPE = { 'content-type': 'application/problem+json' }

  it.each<[number, string, Readonly<Record<string, string>>, readonly unknown[]]>([
    [404, '{}', JSON_TYPE, ['not there', 'done', 'refused']],
    [410, '{"title":"Gone"}', JSON_TYPE, ['not there', 'done', 'refused']],
    [404, PAGE, HTML, ['it answered 404 with an HTML page “404 Not Found”', 'later', 'later']],
    [410, PAGE, HTML, ['it answered 410 with an HTML page “404 Not Found”', 'later', 'later']],
    [404, 'no', { 'content-type': 'text/plain' }, ['it answered 404 with text/plain: no', 'later', 'later']],
    [404, '', {}, ['it answered 404 with nothing', 'later', 'later']],
    [
      404,
      '404',
      { 'content-type': 'text/plain' },
      ['it answered 404 with text/plain: 404', 'later', 'later'],
    ],
  ])('%i with %j', async (status, body, headers, seen) => {
    expect(await asked(status, body, headers)).toEqual(seen)
  })

  it('takes any answer where that is said', async () => {
    expect(await asked(404, PAGE, HTML, { notFound: 'any' })).toEqual(['not there', 'done', 'refused'])
  })

  it('does not know what became of a POST that somebody else may have answered', async () => {
    expect(await asked(404, PAGE, HTML, { method: 'POST' })).toEqual([
      'it answered 404 with an HTML page “404 Not Found”',
      'later',
      'unknown',
    ])
  })

  it('takes nothing for taken away when a log-in answers', async () => {
    expect((await asked(200, LOGIN.body ?? '', HTML))[1]).toBe('later')
  })
})
