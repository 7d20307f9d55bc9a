import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf, isRecord } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { optional, text, texts } from '../settings.ts'

/** Document management by CMIS 1.1, browser binding: Alfresco, Nuxeo, d.velop, enaio and others. */
export const cmis = defineKind({
  id: 'cmis',
  title: 'CMIS 1.1, browser binding',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source: 'OASIS CMIS 1.1 §5.2, §5.3.1 (service document) and §2.2.2.2 (repository information)',
  healthy:
    'The service document names the repository with its root folder and version 1.1, and the repository itself answers the same.',
  settings: {
    repository: optional(text('Id of the repository; may be left out where there is only one.')),
    capabilities: optional(
      texts('Capabilities that it must not lack, e.g. capabilityContentStreamUpdatability.'),
      [],
    ),
  },
  conditions: {
    'service-status': 'The service document is there.',
    'service-json': 'It is JSON.',
    repository: 'It names the repository.',
    'root-folder': 'The repository says where its root folder is.',
    'cmis-version': 'It speaks CMIS 1.1.',
    addresses:
      'Its addresses lead to the host that was asked; others cannot be reached through the same firewall.',
    'repository-status': 'The repository answers at its own address.',
    'repository-json': 'That answer is JSON.',
    'repository-id': 'It is the same repository.',
    capability: 'A capability that the connector wants is there; those after the first are numbered.',
  },
  check: async (probe, { repository, capabilities }) => {
    const headers = await probe.basic()
    const found = await askJson(probe, 'service', { url: probe.url, headers })
    const { id, info } = repositoryIn(probe, found, repository)
    probe.expect('root-folder', {
      met: isText(fieldOf(info, 'rootFolderUrl')) && isText(fieldOf(info, 'rootFolderId')),
      expected: 'rootFolderId and rootFolderUrl',
      seen: `${describe(fieldOf(info, 'rootFolderId'))}, ${describe(fieldOf(info, 'rootFolderUrl'))}`,
    })
    const version = fieldOf(info, 'cmisVersionSupported')
    probe.expect('cmis-version', {
      met: version === '1.1',
      // What only reads documents works with 1.0, too.
      severity: version === '1.0' ? 'warning' : 'critical',
      expected: '1.1',
      seen: describe(version),
    })
    const url = expectAddresses(probe, info)
    if (url !== undefined) await askRepository(probe, url, id, headers)
    expectCapabilities(probe, fieldOf(info, 'capabilities'), capabilities)
  },
})

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The service document is a map by repository id (§5.2.2.1). */
function repositoryIn(probe: Probe, found: unknown, wanted: string | undefined) {
  const ids = isRecord(found) ? Object.keys(found).filter((id) => isRecord(found[id])) : []
  const id = wanted ?? (ids.length === 1 ? ids[0] : undefined)
  const info = id === undefined ? undefined : fieldOf(found, id)
  probe.require('repository', {
    met: id !== undefined && isRecord(info) && fieldOf(info, 'repositoryId') === id,
    expected: wanted === undefined ? 'one repository' : `the repository ${wanted}`,
    seen: ids.length === 0 ? exceptionIn(found) : ids.slice(0, 10).join(', '),
    hint: ids.length > 1 ? 'Name it in repository.' : undefined,
  })
  return { id: id ?? '', info }
}

/** §5.2.10: errors are a map with exception and message. */
function exceptionIn(found: unknown): string {
  const exception = fieldOf(found, 'exception')
  return isText(exception) ? `${exception}: ${describe(fieldOf(found, 'message'))}` : describe(found)
}

/** @returns where the repository answers itself */
function expectAddresses(probe: Probe, info: unknown): URL | undefined {
  const given = ['repositoryUrl', 'rootFolderUrl'].map((name) => fieldOf(info, name))
  const urls = given.map((value) => (isText(value) ? URL.parse(value) : null))
  probe.expect('addresses', {
    met: urls.every((url) => url?.host === probe.url.host && url.protocol === probe.url.protocol),
    severity: 'warning',
    expected: `addresses at ${probe.url.origin}`,
    seen: given.map(describe).join(', '),
    hint: 'Behind a proxy a repository needs to know its outer address.',
  })
  const [repository] = urls
  return repository?.host === probe.url.host && repository.protocol === probe.url.protocol
    ? repository
    : undefined
}

async function askRepository(
  probe: Probe,
  address: URL,
  id: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const url = new URL(address)
  url.searchParams.set('cmisselector', 'repositoryInfo')
  const found = await askJson(probe, 'repository', { url, headers })
  const seen = fieldOf(fieldOf(found, id), 'repositoryId')
  probe.expect('repository-id', {
    met: seen === id,
    expected: id,
    seen: seen === undefined ? exceptionIn(found) : describe(seen),
  })
}

function expectCapabilities(probe: Probe, found: unknown, wanted: readonly string[]): void {
  for (const [at, name] of wanted.entries()) {
    const value = fieldOf(found, name)
    probe.expect(at === 0 ? 'capability' : `capability-${at + 1}`, {
      met: value !== undefined && value !== false && value !== 'none',
      expected: name,
      seen: describe(value),
    })
  }
}
