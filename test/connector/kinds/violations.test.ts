import { expect, test } from 'vitest'
import { isKindId, loadKind } from '../../../src/lib/connector/kinds/index.ts'
import { STAND_INS } from '../../../src/lib/sandbox/stand-ins/index.ts'
import { type Answer, altered } from '../../support/altered.ts'
import { checkOf, statusOf, unmetOf } from '../../support/probe.ts'
import { standIn } from '../../support/stand-in.ts'

type Json = Record<string, unknown>

/** Changes the JSON of an answer. */
const json =
  (change: (value: Json) => unknown) =>
  (answer: Answer): Answer => ({
    ...answer,
    body: JSON.stringify(change(JSON.parse(answer.body) as Json)),
  })
const text =
  (from: string | RegExp, to: string) =>
  (answer: Answer): Answer => ({ ...answer, body: answer.body.replace(from, to) })
/** Puts another sign in the place of the one that an expression finds behind its first group. */
const anotherSign =
  (from: RegExp) =>
  (answer: Answer): Answer => {
    const [found = '', head = '', sign = ''] = from.exec(answer.body) ?? []
    return text(found, `${head}${sign === 'A' ? 'B' : 'A'}${found.slice(head.length + 1)}`)(answer)
  }
const status =
  (code: number) =>
  (answer: Answer): Answer => ({ ...answer, status: code })
/** Changes the one entry of a map. */
const only = (more: Json) =>
  json((value) =>
    Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, { ...(inner as Json), ...more }])),
  )

type Row = readonly [
  kind: string,
  what: string,
  path: string,
  change: (answer: Answer) => Answer,
  unmet: readonly string[],
  status?: 'warning' | undefined,
  settings?: Json,
]

/** One violation a row: what a healthy server answers with one thing changed, and exactly what is not met. */
const ROWS: readonly Row[] = [
  [
    'health-json',
    'a part is down',
    '/health',
    json(() => ({ status: 'UP', components: { db: { status: 'DOWN' } } })),
    ['component: db DOWN'],
  ],
  [
    'health-json',
    'a part in a part is out of service',
    '/health',
    json(() => ({
      status: 'UP',
      components: { db: { status: 'UP', components: { a: { status: 'OUT_OF_SERVICE' } } } },
    })),
    ['component: db/a OUT_OF_SERVICE'],
  ],
  [
    'health-json',
    'a part is missing',
    '/health',
    json(() => ({ status: 'UP', components: { disk: { status: 'UP' } } })),
    ['component-present: disk'],
  ],
  [
    'health-json',
    'down with status 200',
    '/health',
    json(() => ({ status: 'DOWN', components: { db: { status: 'UP' } } })),
    ['status: DOWN', 'status-contradiction: HTTP 200'],
  ],
  [
    'health-json',
    'up with status 503',
    '/health',
    status(503),
    ['status-contradiction: HTTP 503'],
    'warning',
  ],
  [
    'health-json',
    'a status of its own',
    '/health',
    json((value) => ({ ...value, status: 'MAINTENANCE' })),
    ['status: MAINTENANCE', 'status-contradiction: HTTP 200'],
  ],
  ['health-json', 'something else', '/health', json(() => ({ ok: true })), ['format: an object with ok']],
  [
    'health-json',
    'MicroProfile, a check is down',
    '/health',
    json(() => ({ status: 'UP', checks: [{ name: 'db', status: 'DOWN', data: { cause: 'x' } }] })),
    ['component: db DOWN: an object with cause'],
  ],
  [
    'health-json',
    'health+json, warn',
    '/health',
    json(() => ({
      status: 'warn',
      checks: { 'db:time': [{ status: 'warn', observedValue: 9, observedUnit: 's' }] },
    })),
    ['status: warn', 'component-present: db:time', 'component: db:time warn: 9 s'],
  ],
  [
    'cmis',
    'no root folder',
    '/browser',
    only({ rootFolderUrl: '' }),
    ['root-folder: "root", ""', expect.stringMatching(/^addresses: /) as never],
  ],
  [
    'cmis',
    'an older version',
    '/browser',
    only({ cmisVersionSupported: '1.0' }),
    ['cmis-version: "1.0"'],
    'warning',
  ],
  ['cmis', 'no version', '/browser', only({ cmisVersionSupported: undefined }), ['cmis-version: missing']],
  [
    'cmis',
    'addresses inside',
    '/browser',
    only({ repositoryUrl: 'http://dms.internal/r', rootFolderUrl: 'http://dms.internal/r/root' }),
    ['addresses: "http://dms.internal/r", "http://dms.internal/r/root"'],
    'warning',
  ],
  [
    'cmis',
    'a capability is missing',
    '/browser',
    only({ capabilities: { capabilityContentStreamUpdatability: 'none' } }),
    ['capability: "none"'],
  ],
  [
    'cmis',
    'an exception',
    '/browser',
    json(() => ({ exception: 'runtime', message: 'no database' })),
    ['repository: runtime: "no database"'],
  ],
  [
    'cmis',
    'the repository itself is another',
    '/akten',
    json((value) => ({ archiv: value.akten })),
    ['repository-id: an object with archiv'],
  ],
  ['enaio', 'a ping that is no number', '/ping', json(() => ({ ok: 1 })), ['ping: an object with ok']],
  [
    'enaio',
    'no version',
    '/serviceinfo',
    json((value) => ({ services: value.services })),
    ['version: missing'],
  ],
  ['enaio', 'the session is refused', '/session', status(401), ['session-status: HTTP 401']],
  [
    'dvelop',
    'no log-in',
    '/identityprovider',
    json(() => ({ _links: { login: { href: '/x' } } })),
    ['identity-links: login'],
  ],
  ['dvelop', 'the key is refused', '/validate', status(401), ['validate-status: HTTP 401']],
  ['dvelop', 'no list of repositories', '/dms', json(() => ({ _links: {} })), ['dms-links: ']],
  ['dvelop', 'no repositories', '/r', json(() => ({ repositories: [] })), ['repository: none']],
  [
    'epaybl',
    'an error code',
    '/status',
    json(() => ({ ergebnis: { rc: '-0001', ergebnistext: 'gestört' } })),
    ['result-code: "-0001" "gestört"'],
  ],
  [
    'epaybl',
    'no way to pay',
    '/zahlverfahren',
    json(() => ({ zahlverfahren: [] })),
    ['zahlverfahren: none'],
    'warning',
  ],
  ['epaybl', 'the certificate is refused', '/status', status(401), ['status-status: HTTP 401']],
  ['oauth2', 'no token', '/token', json(() => ({ token_type: 'Bearer' })), ['access-token: "undefined"']],
  ...['half \ud800 of a pair', 'two\nlines', 'größer', 'zero \u0000', '\u200b'].map(
    (token) =>
      [
        'oauth2',
        `a token that no header carries: ${JSON.stringify(token)}`,
        '/token',
        json(() => ({ access_token: token, token_type: 'Bearer', expires_in: 60 })),
        ['access-token: characters that no token has'],
      ] as const,
  ),
  [
    'oauth2',
    'another type',
    '/token',
    json((value) => ({ ...value, token_type: 'mac' })),
    ['token-type: "mac"'],
  ],
  [
    'oauth2',
    'no lifetime',
    '/token',
    json((value) => ({ ...value, expires_in: undefined })),
    ['expires-in: missing'],
    'warning',
  ],
  [
    'oauth2',
    'a page',
    '/token',
    text(/.*/s, '<html><title>Proxy</title>'),
    ['token-json: an HTML page “Proxy”'],
  ],
  ['liferay', 'nobody', '/my-user-account', json(() => ({})), ['account: an object with']],
  [
    'liferay',
    'an interface is missing',
    '/headless-batch-engine/v1.0/openapi.json',
    status(404),
    ['api-2: HTTP 404'],
  ],
  ['fitconnect', 'no version', '/info', json(() => ({})), ['version: missing']],
  ['fitconnect', 'no route', '/routes', json((value) => ({ ...value, routes: [] })), ['route: no route']],
  [
    'fitconnect',
    'a route elsewhere',
    '/routes',
    text(/"destinationId":"1/, '"destinationId":"2'),
    ['route: "21111111-2222-4333-8444-555555555555"'],
  ],
  [
    'fitconnect',
    'a signature that was altered',
    '/routes',
    anotherSign(/(\.[^."]{10})([^."])[^."]*"/),
    [expect.stringMatching(/^signature: /) as never],
  ],
  [
    'fitconnect',
    'signed by nobody',
    '/routes',
    text(
      /"destinationSignature":"[^"]*"/,
      `"destinationSignature":"${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.AA"`,
    ),
    ['signature: none, by none of the keys'],
  ],
  [
    'fitconnect',
    'other keys',
    '/jwks.json',
    text(/"n":"......../, '"n":"AAAAAAAA'),
    [expect.stringMatching(/^signature: PS512, by none of the keys/) as never],
  ],
  [
    'fitconnect',
    'another Leistung',
    '/routes',
    (answer) => answer,
    ['signed-leistung: 99115002060000'],
    undefined,
    { leikaKey: '99115002060001' },
  ],
  [
    'fitconnect',
    'another region',
    '/routes',
    (answer) => answer,
    ['signed-area: 034590014'],
    undefined,
    { ars: '034590024024' },
  ],
  [
    'soap',
    'no WSDL',
    '/xta',
    (answer) => (answer.body.includes('definitions') ? { status: 200, body: '<html/>' } : answer),
    ['definitions: html in no namespace'],
  ],
  [
    'soap',
    'another namespace',
    '/xta',
    text(/targetNamespace="[^"]*"/, 'targetNamespace="urn:x"'),
    ['namespace: urn:x'],
  ],
  [
    'soap',
    'a port type is missing',
    '/xta',
    text('msgBoxPortType', 'other'),
    ['port-types: managementPortType, sendPortType, other'],
  ],
  ['soap', 'no service', '/xta', text(/<service.*<\/service>/s, ''), ['service-port: none'], 'warning'],
  [
    'soap',
    'no envelope',
    '/xta',
    text(/<env:Envelope.*/s, '<x/>'),
    ['envelope: HTTP 200, x in no namespace'],
  ],
  [
    'xzufi',
    'another version',
    '/leistungen.xml',
    text('xzufiVersion="2.2.0"', 'xzufiVersion="2.3.1"'),
    ['version: 2.3.1'],
  ],
  [
    'xzufi',
    'no Leistung',
    '/leistungen.xml',
    text(/<xzufi:leistung>.*<\/xzufi:leistung>/s, ''),
    ['records: 0'],
  ],
  [
    'xzufi',
    'without a time',
    '/leistungen.xml',
    text(/<xzufi:nachrichtenkopf>.*<\/xzufi:nachrichtenkopf>/s, ''),
    ['age: no erstelltDatumZeit'],
  ],
  [
    'xzufi',
    'something else',
    '/leistungen.xml',
    text(/xzufi\/2_2_0/, 'other/2_2_0'),
    ['namespace: http://xoev.de/schemata/other/2_2_0'],
  ],
  [
    'xzufi',
    'a DOCTYPE',
    '/leistungen.xml',
    text('<xzufi:transfer', '<!DOCTYPE a><xzufi:transfer'),
    [expect.stringMatching(/^xml: a DOCTYPE, which is refused/) as never],
  ],
  [
    'xzufi',
    'cut off',
    '/leistungen.xml',
    text(/<\/xzufi:transfer>\s*$/, ''),
    [expect.stringMatching(/^xml: .*unclosed tag/) as never],
  ],
]

test.each(ROWS.map((row) => [row[0], row[1], row] as const))('%s: %s', async (name, _what, row) => {
  const [, , path, change, unmet, worst, settings = {}] = row
  const definition = await STAND_INS[name]?.()
  if (definition === undefined || !isKindId(name)) throw new Error(`no stand-in ${name}`)
  const kind = await loadKind(name)
  const system = await standIn(definition)
  let isViolated = false
  const url = await altered(new URL(system.url), path, (answer) => {
    const violation = change(answer)
    isViolated ||= violation.body !== answer.body || violation.status !== answer.status
    return violation
  })
  const own = JSON.parse(
    JSON.stringify({ ...system.settings, ...settings }).replaceAll(new URL(system.url).origin, url.origin),
  ) as Json
  const report = await checkOf(kind, {
    url,
    settings: own,
    ...(system.wantsCredentials ? { login: system.login } : {}),
  })
  // What is random may be as it should not be already: then the row says nothing. Some want something else instead.
  expect(isViolated || Object.keys(settings).length > 0).toBe(true)
  expect(unmetOf(report)).toEqual(unmet)
  expect(statusOf(report)).toBe(worst ?? 'critical')
})
