import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrationWorld } from '../support/migration.ts'
import { recordServer, records } from '../support/record-server.ts'

/** A copy onto itself would be read while it is written, and taking it back would take the source. */
const REASON = 'source and target are one, or one folder lies in the other'

async function refused(steps: string, prepare: (folder: string) => void = () => undefined) {
  const world = await migrationWorld(1)
  prepare(world.folder)
  const process = await world.process()
  const { causes } = await process.run(
    `steps:\n  - { id: copy, kind: records.transfer, takesBack: all, ${steps} }\n`,
  )
  return { reason: causes[0]?.reason, folder: world.folder }
}

const withFiles = (folder: string): void => {
  mkdirSync(join(folder, 'akten/neu'), { recursive: true })
  writeFileSync(join(folder, 'akten/a.txt'), 'a')
  writeFileSync(join(folder, 'akten/neu/b.txt'), 'b')
  symlinkSync(join(folder, 'akten'), join(folder, 'verweis'))
}

test.each([
  ['the same folder', 'akten', 'akten'],
  ['written in another way', 'akten', './akten/../akten/'],
  ['behind a link', 'akten', 'verweis'],
  ['the target in the source', 'akten', 'akten/neu'],
  ['the source in the target', 'akten/neu', 'akten'],
])('folders: %s', async (_, from, to) => {
  const { reason, folder } = await refused(
    `from: { kind: folder, path: "${from}" }, to: { kind: folder, path: "${to}" }`,
    withFiles,
  )
  expect(reason).toBe(REASON)
  expect(readdirSync(join(folder, 'akten'), { recursive: true }).sort()).toEqual([
    'a.txt',
    'neu',
    'neu/b.txt',
  ])
})

test('folders beside each other whose names begin alike are two', async () => {
  const { reason } = await refused(
    'from: { kind: folder, path: "akten" }, to: { kind: folder, path: "akten-neu" }',
    withFiles,
  )
  expect(reason).toBeUndefined()
})

test('a collection, however its address is written', async () => {
  const server = await recordServer(records(3))
  const upper = server.url.replace('http:', 'HTTP:')
  const { reason } = await refused(
    `from: { kind: json-http, url: "${server.url}/source/none", records: $.items, paging: { style: none } }, to: { kind: json-http, url: "${upper}/source/./none", item: "${server.url}/source/\${record.key}" }`,
  )
  expect(reason).toBe(REASON)
  expect(server.requests).toEqual([])
})
