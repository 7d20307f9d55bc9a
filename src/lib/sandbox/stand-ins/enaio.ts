import { Documents, MAX_DOCUMENT } from './documents.ts'
import { enaioDocuments } from './enaio-documents.ts'
import { hasBasic, keepingStandIn } from './http-stand-in.ts'

const API = '/osrest/api'
const WORDS = { kind: 'enaio', wrong: 'The full text service is missing.' }

/** An enaio gateway; there are no documents at the start. */
export const enaio = keepingStandIn(WORDS, ({ now }) => {
  const documents = new Documents(['Dokument'], now, ({ reference, subject, keywords }) => ({
    Aktenzeichen: reference,
    Betreff: subject,
    Schlagworte: keywords,
  }))
  return {
    ...WORDS,
    path: '/',
    wantsCredentials: true,
    maxBody: MAX_DOCUMENT,
    kept: { fill: (count) => documents.fill(count), reset: () => documents.fill(0) },
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
          if (!request.path.startsWith('/api/dms/objects')) return { status: 404 }
          return hasBasic(request, control) ? enaioDocuments(documents, request) : { status: 401 }
      }
    },
  }
})
