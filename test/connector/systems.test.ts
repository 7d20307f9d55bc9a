import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineConnector, effectiveFor } from '../../src/lib/connector/definition.ts'
import { loadKind } from '../../src/lib/connector/kinds/index.ts'
import { DIRECT } from '../../src/lib/connector/probe/dial.ts'
import { SYSTEMS } from '../../src/lib/connector/systems/index.ts'
import type { System } from '../../src/lib/connector/systems/model.ts'
import { STAND_INS } from '../../src/lib/sandbox/stand-ins/index.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../support/probe.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'
import { standIn } from '../support/stand-in.ts'

test('all systems that portals depend on are there', () => {
  expect(SYSTEMS.map(({ id }) => id)).toEqual([
    ...['autista', 'vois-meso', 'vois-geso', 'meso-classic', 'baulasten', 'jugend-soziales', 'ikfz'],
    ...['infoma', 'hh-prodoppik', 'sap'],
    ...['enaio', 'd3', 'cmis'],
    ...['form-solutions', 'formcycle', 'lucom', 'intelliform', 'afm'],
    ...['pmpayment', 'epaybl', 'xbezahldienste'],
    ...[
      'servicekonto-nrw',
      'servicekonto-mv',
      'servicekonto-ni',
      'bundid',
      'bayernid',
      'unternehmenskonto',
      'hsh-online',
    ],
    ...['bus-niedersachsen', 'xzufi-source'],
    ...[
      'xta2',
      'osci-intermediary',
      'dvdv',
      'fit-connect-submission',
      'fit-connect-destination',
      'fit-connect-routing',
    ],
    ...['liferay', 'or-finanz', 'or-connect', 'or-dms'],
  ])
})

test('no entry pretends to know: what is not public has no defaults, and none is healthy by its status alone', () => {
  for (const { id, kind, defaults, evidence, sources } of SYSTEMS) {
    expect.soft(sources.length, id).toBeGreaterThan(0)
    if (evidence === 'none') expect.soft([id, kind, defaults]).toEqual([id, 'http', {}])
    const { conditions } = defaults as { conditions?: readonly object[] }
    if (conditions !== undefined)
      expect
        .soft(
          conditions.some((one) => !('status' in one)),
          id,
        )
        .toBe(true)
  }
})

/** What a connector of a system needs besides the settings of the stand-in of its kind, or otherwise. */
const OWN: Readonly<Record<string, (origin: string) => Readonly<Record<string, unknown>>>> = {
  'servicekonto-nrw': () => ({ pkce: undefined }),
  unternehmenskonto: () => ({}),
  bundid: () => ({ encryption: 'optional' }),
  bayernid: () => ({ encryption: 'optional' }),
  lucom: (origin) => ({ url: `${origin}/status`, conditions: undefined }),
  dvdv: (origin) => ({ url: `${origin}/status`, conditions: undefined }),
  'osci-intermediary': () => ({
    namespace: undefined,
    portTypes: undefined,
    operation: undefined,
    authorIdentifier: undefined,
  }),
  xta2: () => ({ namespace: undefined, portTypes: undefined, operation: undefined }),
  'fit-connect-submission': (origin) => ({ url: `${origin}/submission-api`, api: undefined, ...ROUTE }),
  'fit-connect-destination': (origin) => ({
    url: `${origin}/destination-api`,
    tokenUrl: `${origin}/destination-api/token`,
    api: undefined,
    credentials: 'sandbox',
    ...ROUTE,
  }),
  'fit-connect-routing': () => ({ api: undefined }),
}
const ROUTE = { ars: undefined, jwksUrl: undefined }

test.each(SYSTEMS.map((system) => [system.id, system] as const))(
  '%s is checked against a server that speaks its protocol',
  async (id, system) => {
    const definition = await STAND_INS[system.kind]?.()
    if (definition === undefined) throw new Error(`no stand-in for ${system.kind}`)
    const server = await standIn(definition)
    const written = connectorOf(system, server)
    expect(schemaErrors('connector', written)).toEqual([])
    const defined = await defineConnector(written)
    if (!defined.ok) throw new Error(JSON.stringify(defined.problems))
    const effective = effectiveFor(defined.value, {})
    if (!effective.ok) throw new Error(JSON.stringify(effective.problems))
    const kind = await loadKind(system.kind)
    const check = () =>
      checkOf(kind, {
        url: effective.value.url,
        settings: defined.value.written,
        route: { ...DIRECT, ca: server.ca },
        ...(written.credentials === undefined ? {} : { login: server.login }),
      })
    const report = await check()
    expect(unmetOf(report)).toEqual([])
    expect(conditionsOf(report).length).toBeGreaterThan(1)
    server.set('wrong')
    // An empty envelope is answered with an envelope, whatever is wrong behind it: that is all that can be told there.
    expect(statusOf(await check())).toBe(id === 'osci-intermediary' ? 'ok' : 'critical')
  },
)

function connectorOf(
  { id }: System,
  server: { readonly url: string; readonly settings: object; readonly wantsCredentials: boolean },
) {
  const own = OWN[id]?.(new URL(server.url).origin) ?? {}
  const written: Record<string, unknown> = {
    name: id,
    system: id,
    url: server.url,
    ...(server.wantsCredentials ? { credentials: 'sandbox' } : {}),
    ...server.settings,
    ...own,
  }
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))
}

test.skipIf(!hasRealData)('the OZG-Leistungen that systems take down are those of their subject', () => {
  const titles = new Map(
    readFileSync(REAL.ozg, 'utf8')
      .split('\n')
      .map((line) => line.split(';').slice(0, 2) as [string, string]),
  )
  const of = (id: string) => {
    const affects = SYSTEMS.find((system) => system.id === id)?.affects
    return typeof affects === 'object' ? affects.ozg.map((ozg) => titles.get(ozg)) : affects
  }
  expect(of('autista')).toEqual([
    'Geburtsanzeige',
    'Ehefähigkeitszeugnis',
    'Eheschließung und -beurkundung',
    'Lebenspartnerschaftsurkunde',
    'Namensänderung',
    'Sterbefallanzeige',
    'Sterbeurkunde',
    'Geburtsurkunde und -bescheinigung',
  ])
  expect(of('vois-meso')).toEqual([
    'Auskunfts- und Übermittlungssperren im Melderegister, Adressbuchsperre',
    'Personalausweis',
    'Wohnsitzmeldungen',
    'Reisepass',
    'Meldebescheinigung und -registerauskunft',
    'Führungszeugnis',
  ])
  expect(of('vois-geso')).toEqual([
    'Gewerbelegitimationskarte',
    'Unternehmensanmeldung und -genehmigung',
    'Gewerberegisterauszug',
    'Gewerbezentralregister',
  ])
  expect(of('ikfz')).toEqual([
    'Fahrzeugregistereintragung und -auskunft',
    'Kraftfahrzeugkennzeichen',
    'Kraftfahrzeugzulassung, -um- und Abmeldung',
  ])
  expect(of('baulasten')).toEqual(['Baulastenverzeichnis'])
  expect(of('jugend-soziales')).toEqual([
    'Pflegekindervermittlung und Pflegekindergeld',
    'Kindertagesbetreuung',
    'Kindesunterhalt und Beistandschaft',
    'Unterhaltsvorschuss',
    'Hortbetreuung',
    'Grundsicherung im Alter und bei Erwerbsminderung',
    'Hilfe zum Lebensunterhalt',
    'Hilfe zur Überwindung besonderer sozialer Schwierigkeiten',
    'Bedarf für Bildung und Teilhabe',
    'Wohngeld',
    'Eingliederungshilfe',
    'Hilfe zur Pflege',
    'Leistungen nach Asylbewerberleistungsgesetz',
  ])
  for (const { id, affects } of SYSTEMS)
    if (typeof affects === 'object')
      expect(
        affects.ozg.filter((ozg) => !titles.has(ozg)),
        id,
      ).toEqual([])
})
