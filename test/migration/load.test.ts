import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refuseOutside } from '../../src/lib/migration/load.ts'
import { temporaryFolder } from '../support/folder.ts'
import { definitionFrom } from '../support/migration.ts'

const refused = expect.objectContaining({ code: 'PATH_OUTSIDE' })

async function look(step: string, data: readonly string[] = []): Promise<void> {
  const definition = await definitionFrom(`steps:\n  - { id: a, ${step} }\n`)
  refuseOutside(definition, temporaryFolder(), data)
}

const http = (more: string): string =>
  `kind: http, undo: none, do: { method: POST, url: "https://x.example.de/"${more} }`

describe('what is called like a path and is none is no matter of folders', () => {
  test.each([
    ['in a body', http(', body: { path: "/akten/1", ca: "/x", file: "../y", tls: { ca: "/z" } }')],
    ['in a list in a body', http(', body: [{ path: "/akten/1" }, { path: "../../akten" }]')],
    ['in a header', http(', headers: { path: /akten/1 }')],
    [
      'among the names of fields',
      'kind: records.transfer, fields: { path: /akten, ca: /x }, from: { kind: file, path: a.ndjson }, to: { kind: file, path: b.ndjson }',
    ],
    ['among settings of a connector', 'kind: connector.set, connector: dms, set: { path: /akten }'],
  ])('%s', async (_name, step) => {
    await look(step)
  })
})

describe('a path that leads out of the folder is refused', () => {
  test.each<[string, string]>([
    ['authorities of a request', http(', ca: /etc/ca.pem')],
    ['authorities of its check', `${http('')}, check: { url: "https://x.example.de/", ca: ../ca.pem }`],
    [
      'authorities of its undo',
      'kind: http, do: { method: POST, url: "https://x.example.de/" }, undo: { method: DELETE, url: "https://x.example.de/", ca: /etc/ca.pem }',
    ],
    [
      'a file as source',
      'kind: records.transfer, from: { kind: file, path: /etc/passwd }, to: { kind: file, path: b.ndjson }',
    ],
    [
      'a folder as target',
      'kind: records.transfer, from: { kind: folder, path: a }, to: { kind: folder, path: ../b }',
    ],
    [
      'authorities of a list of records',
      'kind: records.transfer, from: { kind: folder, path: a }, to: { kind: json-http, url: "https://x.example.de/", list: { url: "https://x.example.de/", ca: /etc/ca.pem } }',
    ],
    ...['ca', 'cert', 'key', 'pfx'].map((name): [string, string] => [
      `${name} of a connector`,
      `kind: connector.set, connector: dms, set: { tls: { ${name}: /etc/x.pem } }`,
    ]),
    [
      'the key of a folder of SFTP',
      'kind: connector.set, connector: bank, set: { keyFile: /etc/ssh/ssh_host_ed25519_key }',
    ],
    [
      'authorities of a connector that comes',
      'kind: connector.replace, from: dms, to: other, set: { tls: { ca: /etc/ca.pem } }',
    ],
  ])('%s', async (_name, step) => {
    await expect(look(step)).rejects.toEqual(refused)
  })

  test('unless its folder is allowed, or a placeholder has yet to be filled', async () => {
    const other = temporaryFolder()
    mkdirSync(join(other, 'in'))
    const step = (path: string): string =>
      `kind: records.transfer, from: { kind: folder, path: ${path} }, to: { kind: folder, path: b }`
    await look(step(join(other, 'in')), [other])
    await look(step('"/${tenant.slug}"'))
    await expect(look(step(join(other, 'in')))).rejects.toEqual(refused)
  })
})
