import { Documents, MAX_DOCUMENT } from './documents.ts'
import { dvelopDocuments } from './dvelop-documents.ts'
import { keepingStandIn, type StandInReply, type StandInRequest } from './http-stand-in.ts'
import type { StandInControl } from './stand-in.ts'

const HAL = { 'content-type': 'application/hal+json' }
const hal = (body: object): StandInReply => ({ status: 200, headers: HAL, body })
const link = (href: string) => ({ href })

const WORDS = { kind: 'dvelop', wrong: 'The repository that the connector wants is gone.' }

/** d.velop documents with its identity provider; the repository `akten` is empty at the start. */
export const dvelop = keepingStandIn(WORDS, ({ now }) => {
  const documents = new Documents(['bauakte', 'post'], now, ({ reference, subject, keywords }) => ({
    aktenzeichen: reference,
    betreff: subject,
    schlagworte: keywords,
  }))
  const answer = dvelopDocuments(documents)
  return {
    ...WORDS,
    path: '/',
    wantsCredentials: true,
    maxBody: MAX_DOCUMENT,
    kept: { fill: (count) => documents.fill(count), reset: () => documents.fill(0) },
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
          if (!request.path.startsWith('/dms/r/akten') || mode === 'wrong')
            return { status: 404, headers: HAL, body: { reason: 'no such repository' } }
          return hasKey(request, control) ? answer(request) : { status: 401 }
      }
    },
  }
})

const hasKey = ({ headers }: StandInRequest, { clientSecret }: StandInControl): boolean =>
  headers.authorization === `Bearer ${clientSecret}`
