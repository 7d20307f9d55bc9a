import { httpStandIn } from './http-stand-in.ts'

/** A system with a page of its own about its health. */
export const http = httpStandIn({
  kind: 'http',
  wrong: 'The answer is the page of a log-in, with status 200.',
  path: '/status',
  wantsCredentials: false,
  settings: () => ({ conditions: [{ status: 200 }, { json: '$.status', equals: 'UP' }] }),
  reply: (_request, mode) =>
    mode === 'wrong'
      ? {
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<!doctype html><title>Anmeldung</title><form></form>',
        }
      : { status: 200, body: { status: 'UP' } },
})
