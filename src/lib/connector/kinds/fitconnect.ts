import { bearerLogin } from '../../config/secret.ts'
import { withoutTail } from '../../text.ts'
import { expectJwks, JWKS_CONDITIONS, type Jwk } from '../jwks.ts'
import { isSignedPs512, type Jws, parseJws } from '../jws.ts'
import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf, isRecord, requireJson, requireStatus } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { address, choice, optional, text } from '../settings.ts'
import { fetchToken, TOKEN_CONDITIONS } from '../token.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const AREA = 'urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:'
const LEISTUNG = 'urn:de:fim:leika:leistung:'

/** The three interfaces of FIT-Connect. */
export const fitconnect = defineKind({
  id: 'fitconnect',
  title: 'FIT-Connect',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source:
    'FIT-Connect Routing API 2.0.0 (OpenAPI), Submission and Destination API v2 as clients use them; RFC 7515, RFC 7518 §3.5',
  healthy:
    'Routing: it tells its version, and leads Leistung and region to the expected Zustellpunkt with a signed answer. Submission: its keys are there, and the Zustellpunkt is active with a key to encrypt for. Destination: the token is accepted, and the Zustellpunkt is there.',
  settings: {
    api: choice('Which of the interfaces.', ['submission', 'destination', 'routing']),
    leikaKey: optional(text('LeiKa key to route.', /^99\d{12}$/)),
    ars: optional(text('Region to route it for.', /^(\d{2}|\d{3}|\d{5}|\d{9}|\d{12})$/)),
    destinationId: optional(text('Id of the Zustellpunkt.', UUID)),
    jwksUrl: optional(address('Keys that routing answers are signed with.')),
    tokenUrl: optional(address('Token endpoint, for destination.')),
  },
  conditions: {
    'info-status': 'Routing tells its version.',
    'info-json': 'The version is JSON.',
    version: 'It is a version.',
    'routes-status': 'It answers where Leistung and region lead.',
    'routes-json': 'That answer is JSON.',
    route: 'There is a route, to the expected Zustellpunkt.',
    signature: 'The route is signed with PS512, by the keys where they are known.',
    'signed-destination': 'The signature names the same Zustellpunkt.',
    'signed-leistung': 'It names the Leistung.',
    'signed-area': 'It names the region or one around it.',
    'rate-limit': 'Questions are left in the present time.',
    ...JWKS_CONDITIONS,
    ...TOKEN_CONDITIONS,
    'destination-status': 'The Zustellpunkt is there.',
    'destination-json': 'The answer about it is JSON.',
    'destination-active': 'It is active.',
    'destination-leistung': 'It takes the Leistung.',
    'key-status': 'Its key to encrypt for is there.',
    'key-json': 'The key is JSON.',
    'encryption-key': 'It is an RSA key of 4096 bit for RSA-OAEP-256.',
  },
  check: async (probe, settings) => {
    switch (settings.api) {
      case 'routing':
        return checkRouting(probe, settings)
      case 'submission':
        return checkSubmission(probe, settings)
      case 'destination':
        return checkDestination(probe, settings)
    }
  },
})

interface Settings {
  readonly leikaKey: string | undefined
  readonly ars: string | undefined
  readonly destinationId: string | undefined
  readonly jwksUrl: URL | undefined
  readonly tokenUrl: URL | undefined
}

async function checkRouting(
  probe: Probe,
  { leikaKey, ars, destinationId, jwksUrl }: Settings,
): Promise<void> {
  const info = await askJson(probe, 'info', { url: probe.below('info') })
  const version = fieldOf(info, 'version')
  probe.expect('version', {
    met: typeof fieldOf(version, 'major') === 'number',
    expected: 'version.major',
    seen: isRecord(version) ? Object.values(version).slice(0, 3).join('.') : describe(version),
  })
  if (leikaKey === undefined || ars === undefined) return
  const url = probe.below('routes')
  url.searchParams.set('leikaKey', leikaKey)
  url.searchParams.set('ars', ars)
  // Some answers come as application/problem+json: the specification says so, and only the status counts.
  const reply = await probe.http('routes', { url, headers: { accept: 'application/json' } })
  expectRoom(probe, reply.headers)
  requireStatus(probe, 'routes', reply)
  const route = routeIn(probe, requireJson(probe, 'routes', reply), destinationId)
  const keys =
    jwksUrl === undefined ? undefined : expectJwks(probe, await askJson(probe, 'jwks', { url: jwksUrl }))
  expectSignature(probe, route, { leikaKey, ars, keys })
}

function expectRoom(probe: Probe, headers: Readonly<Record<string, string>>): void {
  const left = headers['ratelimit-remaining']
  if (left === undefined) return
  probe.expect('rate-limit', {
    met: Number(left) > 0,
    severity: 'warning',
    expected: 'questions left',
    seen: `${left} of ${headers['ratelimit-limit'] ?? '?'}, new ones in ${headers['ratelimit-reset'] ?? '?'} s`,
  })
}

function routeIn(probe: Probe, answer: unknown, wanted: string | undefined): unknown {
  const list = fieldOf(answer, 'routes')
  const routes = Array.isArray(list) ? (list as readonly unknown[]).slice(0, 500) : []
  const ids = routes.map((route) => fieldOf(route, 'destinationId'))
  const at = wanted === undefined ? 0 : ids.indexOf(wanted)
  probe.require('route', {
    met: routes[at] !== undefined && typeof ids[at] === 'string',
    expected: wanted === undefined ? 'a route' : `a route to ${wanted}`,
    seen: routes.length === 0 ? 'no route' : ids.slice(0, 5).map(describe).join(', '),
    hint: 'Routes come from the responsibilities in the Land’s editorial system, over night.',
  })
  return routes[at]
}

interface Routed {
  readonly leikaKey: string
  readonly ars: string
  readonly keys: readonly Jwk[] | undefined
}

function expectSignature(probe: Probe, route: unknown, { leikaKey, ars, keys }: Routed): void {
  const jws = parseJws(fieldOf(route, 'destinationSignature'))
  const verified = jws !== undefined && (keys === undefined || isVerified(jws, keys))
  probe.require('signature', {
    met: jws?.algorithm === 'PS512' && verified,
    expected: keys === undefined ? 'a signature with PS512' : 'a signature with PS512 by one of the keys',
    seen: jws === undefined ? 'none that can be read' : `${jws.algorithm}, ${signatureWords(keys, verified)}`,
  })
  const payload = jws?.payload
  const destination = fieldOf(payload, 'destinationId')
  probe.expect('signed-destination', {
    met: destination === fieldOf(route, 'destinationId'),
    expected: describe(fieldOf(route, 'destinationId')),
    seen: describe(destination),
  })
  const [leistungen, areas] = signedServices(payload)
  probe.expect('signed-leistung', {
    met: leistungen.includes(`${LEISTUNG}${leikaKey}`),
    expected: leikaKey,
    seen: shortened(leistungen, LEISTUNG),
  })
  probe.expect('signed-area', {
    met: areas.some((area) => area.startsWith(AREA) && ars.startsWith(significant(area.slice(AREA.length)))),
    expected: ars,
    seen: shortened(areas, AREA),
  })
}

const isVerified = (jws: Jws, keys: readonly Jwk[]): boolean =>
  keys.some(({ kid, key }) => (jws.kid === null || kid === jws.kid) && isSignedPs512(jws, key))

function signatureWords(keys: readonly Jwk[] | undefined, verified: boolean): string {
  if (keys === undefined) return 'not verified: no jwksUrl'
  return verified ? 'verified' : 'by none of the keys'
}

/** A region with all below it: zeros at the end stand for nothing. */
const significant = (key: string): string => (key.length === 12 ? withoutTail(key, '0') : key)

/** Leistungen and areas of all services in the payload. */
function signedServices(payload: unknown): readonly [readonly string[], readonly string[]] {
  const services = fieldOf(payload, 'services')
  const list = Array.isArray(services) ? (services as readonly unknown[]).slice(0, 1000) : []
  const all = (name: string): readonly string[] =>
    list.flatMap((service) => {
      const ids = fieldOf(service, name)
      return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : []
    })
  return [all('leistungIDs'), all('gebietIDs')]
}

const shortened = (urns: readonly string[], prefix: string): string =>
  urns.length === 0
    ? 'none'
    : urns
        .slice(0, 5)
        .map((urn) => urn.replace(prefix, ''))
        .join(', ')

async function checkSubmission(probe: Probe, { destinationId, leikaKey }: Settings): Promise<void> {
  expectJwks(probe, await askJson(probe, 'jwks', { url: probe.below('.well-known/jwks.json') }))
  if (destinationId !== undefined) await checkZustellpunkt(probe, destinationId, leikaKey, {})
}

async function checkDestination(
  probe: Probe,
  { destinationId, leikaKey, tokenUrl }: Settings,
): Promise<void> {
  const url = tokenUrl ?? probe.below('token')
  const token = await fetchToken(probe, { url, authentication: 'post' })
  const headers = { authorization: bearerLogin(token) }
  if (destinationId !== undefined) await checkZustellpunkt(probe, destinationId, leikaKey, headers)
}

async function checkZustellpunkt(
  probe: Probe,
  id: string,
  leikaKey: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const found = await askJson(probe, 'destination', { url: probe.below(`v2/destinations/${id}`), headers })
  const status = fieldOf(found, 'status')
  probe.expect('destination-active', {
    met: typeof status === 'string' && status.toLowerCase() === 'active',
    expected: 'active',
    seen: describe(status),
  })
  if (leikaKey !== undefined) expectLeistung(probe, found, leikaKey)
  const kid = fieldOf(found, 'encryptionKid')
  if (typeof kid !== 'string' || !/^[\w.~-]{1,200}$/.test(kid)) return
  const key = await askJson(probe, 'key', { url: probe.below(`v2/destinations/${id}/keys/${kid}`), headers })
  expectEncryptionKey(probe, key)
}

function expectLeistung(probe: Probe, destination: unknown, leikaKey: string): void {
  const services = fieldOf(destination, 'publicServices') ?? fieldOf(destination, 'services')
  const list = Array.isArray(services) ? (services as readonly unknown[]).slice(0, 1000) : []
  const ids = list.map((service) => fieldOf(service, 'identifier')).filter((one) => typeof one === 'string')
  probe.expect('destination-leistung', {
    met: ids.includes(`${LEISTUNG}${leikaKey}`),
    expected: leikaKey,
    seen: shortened(ids, LEISTUNG),
  })
}

/** RSA of at least 4096 bit, for wrapping keys. */
function expectEncryptionKey(probe: Probe, jwk: unknown): void {
  const n = fieldOf(jwk, 'n')
  const bits = typeof n === 'string' ? Buffer.from(n.slice(0, 4096), 'base64url').length * 8 : 0
  const [alg, ops] = [fieldOf(jwk, 'alg'), fieldOf(jwk, 'key_ops')]
  probe.expect('encryption-key', {
    met: bits >= 4096 && alg === 'RSA-OAEP-256' && Array.isArray(ops) && ops.includes('wrapKey'),
    expected: 'RSA of 4096 bit, RSA-OAEP-256, wrapKey',
    seen: `${bits} bit, ${describe(alg)}, ${describe(ops)}`,
  })
}
