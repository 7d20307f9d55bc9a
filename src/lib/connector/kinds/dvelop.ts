import { bearerLogin } from '../../config/secret.ts'
import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf, isRecord } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { optional, text } from '../settings.ts'

const HAL = { accept: 'application/hal+json' }
const MOST_REPOSITORIES = 1000

/** d.velop documents (d.3). */
export const dvelop = defineKind({
  id: 'dvelop',
  title: 'd.velop documents',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source:
    'd.velop documents API and IdentityProvider API, as dvelop-sdk-node uses them; HAL (draft-kelly-json-hal)',
  healthy:
    'The identity provider offers a log-in, the document service its repositories; with credentials (the secret is an API key), the key is accepted and the repository is there.',
  settings: {
    repository: optional(text('Id or name of the repository that has to be there; needs credentials.')),
  },
  conditions: {
    'identity-status': 'The identity provider answers.',
    'identity-json': 'It answers with JSON.',
    'identity-links': 'It offers login and validate.',
    'validate-status': 'The API key is accepted.',
    'validate-json': 'The answer about the key is JSON.',
    'dms-status': 'The document service answers.',
    'dms-json': 'It answers with JSON.',
    'dms-links': 'It offers the list of repositories.',
    'repositories-status': 'The list of repositories is there.',
    'repositories-json': 'The list is JSON.',
    repository: 'The repository that the connector names is in it.',
  },
  check: async (probe, { repository }) => {
    const identity = await askJson(probe, 'identity', { url: probe.below('identityprovider'), headers: HAL })
    expectLinks(probe, 'identity-links', identity, ['login', 'validate'])
    const headers = { ...HAL, ...(await bearer(probe)) }
    if (probe.hasCredentials) {
      const url = linked(probe, identity, 'validate') ?? probe.below('identityprovider/validate')
      await askJson(probe, 'validate', { url, headers })
    }
    const dms = await askJson(probe, 'dms', { url: probe.below('dms'), headers })
    expectLinks(probe, 'dms-links', dms, ['allrepos'])
    const all = linked(probe, dms, 'allrepos')
    if (all === undefined || !probe.hasCredentials) return
    expectRepository(probe, await askJson(probe, 'repositories', { url: all, headers }), repository)
  },
})

async function bearer(probe: Probe): Promise<Readonly<Record<string, string>>> {
  if (!probe.hasCredentials) return {}
  const { clientSecret } = await probe.credentials()
  return { authorization: bearerLogin(clientSecret.reveal()) }
}

const hrefOf = (value: unknown, name: string): unknown =>
  fieldOf(fieldOf(fieldOf(value, '_links'), name), 'href')

function expectLinks(probe: Probe, id: string, value: unknown, names: readonly string[]): void {
  const links = fieldOf(value, '_links')
  probe.expect(id, {
    met: names.every((name) => typeof hrefOf(value, name) === 'string'),
    expected: `links ${names.join(', ')}`,
    seen: isRecord(links) ? Object.keys(links).slice(0, 20).join(', ') : describe(links),
  })
}

/** Where a link leads: at the same host, for the key goes along. */
function linked(probe: Probe, value: unknown, name: string): URL | undefined {
  const href = hrefOf(value, name)
  const url = typeof href === 'string' ? URL.parse(href, probe.url.href) : null
  return url?.origin === probe.url.origin ? url : undefined
}

function expectRepository(probe: Probe, value: unknown, wanted: string | undefined): void {
  const list = fieldOf(value, 'repositories')
  const repositories = Array.isArray(list) ? (list as readonly unknown[]).slice(0, MOST_REPOSITORIES) : []
  const names = repositories.flatMap((one) => [fieldOf(one, 'id'), fieldOf(one, 'name')])
  probe.expect('repository', {
    met: wanted === undefined ? repositories.length > 0 : names.includes(wanted),
    expected: wanted === undefined ? 'a repository' : `the repository ${wanted}`,
    seen:
      repositories.length === 0
        ? 'none'
        : names
            .filter((name) => name !== undefined)
            .slice(0, 10)
            .join(', '),
  })
}
