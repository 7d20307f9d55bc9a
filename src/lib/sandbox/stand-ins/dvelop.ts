import { httpStandIn, type StandInReply, type StandInRequest } from './http-stand-in.ts'
import type { StandInControl } from './stand-in.ts'

const HAL = { 'content-type': 'application/hal+json' }
const hal = (body: object): StandInReply => ({ status: 200, headers: HAL, body })
const link = (href: string) => ({ href })

/** d.velop documents with its identity provider. */
export const dvelop = httpStandIn({
  kind: 'dvelop',
  wrong: 'The repository that the connector wants is gone.',
  path: '/',
  wantsCredentials: true,
  settings: () => ({ repository: 'akten' }),
  reply: (request, mode, control) => {
    switch (request.path) {
      case '/identityprovider':
        return hal({
          _links: { login: link('/identityprovider/login'), validate: link('/identityprovider/validate') },
        })
      case '/identityprovider/validate':
        return hasKey(request, control) ? hal({ id: 'sandbox', userName: 'sandbox' }) : { status: 401 }
      case '/dms':
        return hal({
          _links: { allrepos: link('/dms/r'), repo: { ...link('/dms/r/{repositoryid}'), templated: true } },
        })
      case '/dms/r': {
        const id = mode === 'wrong' ? 'archiv' : 'akten'
        return hasKey(request, control)
          ? hal({ repositories: [{ id, name: id, _links: { source: link(`/dms/r/${id}/source`) } }] })
          : { status: 401 }
      }
      default:
        return { status: 404 }
    }
  },
})

const hasKey = ({ headers }: StandInRequest, { clientSecret }: StandInControl): boolean =>
  headers.authorization === `Bearer ${clientSecret}`
