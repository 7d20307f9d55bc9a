import { cmisDocuments } from './cmis-documents.ts'
import { Documents, MAX_DOCUMENT } from './documents.ts'
import { hasBasic, keepingStandIn } from './http-stand-in.ts'

const BROWSER = '/cmis/browser'
const CAPABILITIES = {
  capabilityContentStreamUpdatability: 'anytime',
  capabilityQuery: 'bothcombined',
  capabilityGetDescendants: true,
}
/** How many documents there are at the start, in the first folder. */
const AT_START = 25

const WORDS = {
  kind: 'cmis',
  wrong: 'The repository has another id than the connector expects.',
}

/** A repository of documents that wants a log-in: a folder `/Bauakten` with 25 of them, and `/Ablage` with none. */
export const cmis = keepingStandIn(WORDS, ({ now }) => {
  const documents = new Documents(['/Bauakten', '/Ablage'], now, ({ reference, subject, keywords }) => ({
    'akten:aktenzeichen': reference,
    'akten:betreff': subject,
    'akten:schlagworte': keywords,
  }))
  documents.fill(AT_START)
  return {
    ...WORDS,
    path: BROWSER,
    wantsCredentials: true,
    maxBody: MAX_DOCUMENT,
    kept: { fill: (count) => documents.fill(count), reset: () => documents.fill(AT_START) },
    settings: () => ({ repository: 'akten', capabilities: ['capabilityContentStreamUpdatability'] }),
    reply: (request, mode, control) => {
      if (!hasBasic(request, control))
        return { status: 401, body: { exception: 'permissionDenied', message: 'log in' } }
      const repositoryId = mode === 'wrong' ? 'archiv' : 'akten'
      const repository = `${BROWSER}/${repositoryId}`
      const repositoryUrl = `${request.origin}${repository}`
      const isQuery = request.method === 'POST' && request.path === repository
      if (isQuery || request.path === `${repository}/root` || request.path.startsWith(`${repository}/root/`))
        return cmisDocuments(documents, request, `${repository}/root`)
      if (request.path !== BROWSER && request.path !== repository)
        return { status: 404, body: { exception: 'objectNotFound', message: 'no such repository' } }
      return {
        status: 200,
        body: {
          [repositoryId]: {
            repositoryId,
            repositoryName: 'Sandbox',
            productName: 'ozgctl sandbox',
            productVersion: '1',
            cmisVersionSupported: '1.1',
            rootFolderId: 'root',
            rootFolderUrl: `${repositoryUrl}/root`,
            repositoryUrl,
            capabilities: CAPABILITIES,
          },
        },
      }
    },
  }
})
