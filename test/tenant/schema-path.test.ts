import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaPath } from '../../src/lib/tenant/schema-path.ts'
import { root } from '../support/cli.ts'

test.each([
  ['the checkout itself', '/src/ozgctl', '/src/ozgctl', 'schemas/network.json'],
  ['a folder in the checkout', '/src/ozgctl', '/src/ozgctl/a/b', '../../schemas/network.json'],
  [
    'a project that depends on ozgctl',
    '/home/x/net/node_modules/ozgctl',
    '/home/x/net',
    'node_modules/ozgctl/schemas/network.json',
  ],
  [
    'a folder in that project',
    '/home/x/net/node_modules/ozgctl',
    '/home/x/net/kreise',
    '../node_modules/ozgctl/schemas/network.json',
  ],
  [
    'anywhere, with ozgctl installed for all',
    '/usr/lib/node_modules/ozgctl',
    '/home/x/net',
    'node_modules/ozgctl/schemas/network.json',
  ],
])('seen from %s', (_, installation, folder, path) => {
  expect(schemaPath(installation, folder)).toBe(path)
})

test('the package has the schema there', () => {
  const { files } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { files: string[] }
  expect(files).toContain('schemas')
  expect(readFileSync(`${root}/schemas/network.json`, 'utf8')).toContain('"$id": "network.json"')
})
