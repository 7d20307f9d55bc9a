import { hasBasic, httpStandIn } from './http-stand-in.ts'

const BROWSER = '/cmis/browser'
const CAPABILITIES = {
  capabilityContentStreamUpdatability: 'anytime',
  capabilityQuery: 'bothcombined',
  capabilityGetDescendants: true,
}

/** A repository of documents that wants a log-in. */
export const cmis = httpStandIn({
  kind: 'cmis',
  wrong: 'The repository has another id than the connector expects.',
  path: BROWSER,
  wantsCredentials: true,
  settings: () => ({ repository: 'akten', capabilities: ['capabilityContentStreamUpdatability'] }),
  reply: (request, mode, control) => {
    if (!hasBasic(request, control))
      return { status: 401, body: { exception: 'permissionDenied', message: 'log in' } }
    const repositoryId = mode === 'wrong' ? 'archiv' : 'akten'
    const repositoryUrl = `${request.origin}${BROWSER}/${repositoryId}`
    if (request.path !== BROWSER && request.path !== `${BROWSER}/${repositoryId}`)
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
})
