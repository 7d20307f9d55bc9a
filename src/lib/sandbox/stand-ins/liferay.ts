import { httpStandIn } from './http-stand-in.ts'
import { hasToken, tokenReply } from './token.ts'

/** As much of Liferay as a health check sees; the portal to work with is the sandbox itself. */
export const liferay = httpStandIn({
  kind: 'liferay',
  wrong: 'The token is not accepted.',
  path: '/',
  wantsCredentials: true,
  settings: () => ({ apis: ['headless-admin-user', 'headless-batch-engine'] }),
  reply: (request, mode, control) => {
    const { path } = request
    if (path === '/o/oauth2/token') return tokenReply(request, control)
    if (!hasToken(request) || mode === 'wrong') return { status: 401, body: { error: 'invalid_token' } }
    if (path === '/o/headless-admin-user/v1.0/my-user-account')
      return { status: 200, body: { id: 20_001, name: 'Sandbox', alternateName: 'sandbox' } }
    const isApi = /^\/o\/headless-(admin-user|batch-engine)\/v1\.0\/openapi\.json$/.test(path)
    return isApi ? { status: 200, body: { openapi: '3.0.1' } } : { status: 404 }
  },
})
