import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expandManifestFiles } from '../../src/lib/tenant/manifest-files.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

test('a folder stands for its YAML files, by name; all else stays as it is named', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'below.yaml'))
  for (const name of ['b.yaml', 'a.yml', '.hidden.yaml', 'notes.txt']) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'below.yaml', 'c.yaml'), '')
  expect(await expandManifestFiles([folder, '-', 'missing.yaml'])).toEqual([
    join(folder, 'a.yml'),
    join(folder, 'b.yaml'),
    '-',
    'missing.yaml',
  ])
})

test('a folder without any is an error', async () => {
  expect(await failure(() => expandManifestFiles([temporaryFolder()]))).toMatchObject({
    code: 'FOLDER_EMPTY',
    exit: 65,
  })
})
