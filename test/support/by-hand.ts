import { request } from 'undici'
import type { RunningSandbox } from './sandbox.ts'

const USER = '/o/headless-admin-user/v1.0'
export const ORGANIZATIONS = `${USER}/organizations/by-external-reference-code`
export const SITES = '/o/headless-site/v1.0/sites/by-external-reference-code'
export const INSTANCES = '/o/headless-portal-instances/v1.0/portal-instances'

/** A request as an administrator would send it, past ozgctl. */
export async function byHand(
  { sandbox, url }: Pick<RunningSandbox, 'sandbox' | 'url'>,
  method: 'PUT' | 'PATCH' | 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const form = `grant_type=client_credentials&client_id=${sandbox.clientId}&client_secret=${sandbox.clientSecret}`
  const token = await request(`${url}/o/oauth2/token`, { method: 'POST', body: form })
  const { access_token } = (await token.body.json()) as { access_token: string }
  const answer = await request(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  const json: unknown = text.startsWith('{') ? JSON.parse(text) : {}
  return { status: answer.statusCode, body: { ...(json as object) } }
}

/** Makes somebody a user of an organization. */
export async function addUser(place: Pick<RunningSandbox, 'sandbox' | 'url'>, ars: string, name: string) {
  const path = `${ORGANIZATIONS}/${ars}/user-accounts/by-email-address/${name}@example.org`
  return byHand(place, 'POST', path)
}
