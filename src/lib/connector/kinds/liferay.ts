import { bearerLogin } from '../../config/secret.ts'
import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf } from '../probe/json.ts'
import { optional, texts } from '../settings.ts'
import { fetchToken, TOKEN_CONDITIONS } from '../token.ts'

/** A portal on Liferay, as ozgctl itself uses it. */
export const liferay = defineKind({
  id: 'liferay',
  title: 'Portal on Liferay',
  schemes: ['https:', 'http:'],
  credentials: 'required',
  source: 'Liferay headless REST, OAuth 2 and headless-admin-user (OpenAPI of DXP 2025.Q3)',
  healthy: 'It gives a token for the credentials, says whose it is, and has the interfaces that are needed.',
  settings: {
    apis: optional(texts('Interfaces that have to be there.'), ['headless-admin-user']),
    scope: optional(texts('Scopes to ask for.')),
  },
  conditions: {
    ...TOKEN_CONDITIONS,
    'account-status': 'The token is accepted.',
    'account-json': 'The answer is JSON.',
    account: 'It says whose the token is.',
    api: 'An interface that is needed is there; those after the first are numbered.',
  },
  check: async (probe, { apis, scope }) => {
    const token = await fetchToken(probe, {
      url: probe.below('o/oauth2/token'),
      authentication: 'post',
      scope: scope?.join(' '),
    })
    const headers = { authorization: bearerLogin(token) }
    const url = probe.below('o/headless-admin-user/v1.0/my-user-account')
    const account = await askJson(probe, 'account', { url, headers })
    const id = fieldOf(account, 'id')
    probe.expect('account', {
      met: typeof id === 'number' || typeof id === 'string',
      expected: 'an account with an id',
      seen: id === undefined ? describe(account) : 'an account with an id',
    })
    for (const [at, api] of apis.entries()) {
      const { status } = await probe.http('api', { url: probe.below(`o/${api}/v1.0/openapi.json`), headers })
      probe.expect(at === 0 ? 'api' : `api-${at + 1}`, {
        met: status === 200,
        expected: `${api} there`,
        seen: `HTTP ${status}`,
      })
    }
  },
})
