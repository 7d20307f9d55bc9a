import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migrationWorld } from '../support/migration.ts'
import { recordServer, records } from '../support/record-server.ts'

test('a store that is taken away in the middle of a tenant ends the sending there', async () => {
  const server = await recordServer(records(5))
  const world = await migrationWorld(1)
  server.fate = ({ method }) => {
    if (method === 'PUT') rmSync(world.path, { force: true })
    return 'do'
  }
  const process = await world.process()
  const steps = `steps:
  - id: copy
    kind: records.transfer
    concurrency: 1
    from: { kind: json-http, url: "${server.url}/source/all", records: $.items, key: $.id }
    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", method: PUT }
`
  await expect(process.run(steps)).rejects.toMatchObject({ code: 'STORE_REPLACED', exit: 74 })
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1)
})
