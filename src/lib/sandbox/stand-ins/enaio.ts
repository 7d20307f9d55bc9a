import { hasBasic, httpStandIn } from './http-stand-in.ts'

const API = '/osrest/api'

/** An enaio gateway. */
export const enaio = httpStandIn({
  kind: 'enaio',
  wrong: 'The full text service is missing.',
  path: '/',
  wantsCredentials: true,
  settings: () => ({ services: ['fulltext'] }),
  reply: (request, mode, control) => {
    switch (request.path) {
      case `${API}/serviceinfo/ping`:
        return { status: 200, body: 1 }
      case `${API}/serviceinfo`: {
        const services = { documentviewer: true, renditioncache: true, fulltext: mode === 'healthy' }
        return {
          status: 200,
          body: { apiVersion: '1', serverVersion: '10.10', buildRevision: '0', services },
        }
      }
      case `${API}/session`:
        return hasBasic(request, control)
          ? { status: 200, body: { user: control.clientId } }
          : { status: 401 }
      default:
        return { status: 404 }
    }
  },
})
