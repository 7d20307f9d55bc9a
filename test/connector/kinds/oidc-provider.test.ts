import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { expect, onTestFinished, test } from 'vitest'
import { oauth2 } from '../../../src/lib/connector/kinds/oauth2.ts'
import { oidc } from '../../../src/lib/connector/kinds/oidc.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'

const CLIENT = ['portal', 'a secret of the test with some length'] as const

/** A certified implementation of OpenID Connect. @returns its issuer */
async function realProvider(): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT[0],
        client_secret: CLIENT[1],
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope: 'openid',
      },
    ],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ['openid', 'profile'],
  })
  server.on('request', provider.callback())
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return issuer
}

test('a real provider passes but for the size of the keys that it brings to play with', async () => {
  const url = await realProvider()
  const report = await checkOf(oidc, { url, settings: { scopes: ['openid'], pkce: true } })
  expect(unmetOf(report)).toEqual(['jwks-size: RSA 2048'])
  expect(statusOf(report)).toBe('warning')
})

test('a token of a real provider, in the header and in the form', async () => {
  const url = `${await realProvider()}/token`
  const report = await checkOf(oauth2, { url, login: CLIENT })
  expect(unmetOf(report)).toEqual([])
  expect(conditionsOf(report).map(({ id }) => id)).toEqual(Object.keys(oauth2.conditions))
})

test('a wrong secret, a scope that is not allowed, an address that is no token endpoint', async () => {
  const issuer = await realProvider()
  const unmet = async (url: string, login: readonly [string, string], settings = {}) =>
    unmetOf(await checkOf(oauth2, { url, login, settings }))
  expect(await unmet(`${issuer}/token`, ['portal', 'wrong'])).toEqual([
    'token-status: HTTP 401, invalid_client',
  ])
  expect(await unmet(`${issuer}/token`, CLIENT, { scope: 'profile' })).toEqual([
    'token-status: HTTP 400, invalid_scope',
  ])
  expect(await unmet(`${issuer}/nowhere`, CLIENT)).toEqual([
    'token-status: HTTP 404, text/plain; charset=utf-8',
  ])
})
