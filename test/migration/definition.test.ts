import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readDefinition } from '../../src/lib/migration/definition.ts'
import { migrationHash } from '../../src/lib/migration/hash.ts'
import { pathInside } from '../../src/lib/migration/paths.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { definitionFrom } from '../support/migration.ts'
import { schemaErrors } from '../support/schema.ts'

const STEP = 'steps:\n  - { id: a, kind: tenant.set, set: { name: x } }\n'

/** What is wrong with a migration: path and message of each problem. */
async function wrongWith(text: string): Promise<readonly string[]> {
  const error = await failure(() => definitionFrom(text))
  expect(error).toMatchObject({ code: 'MIGRATION_INVALID', exit: 65 })
  return error.problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('a migration', () => {
  test('is read whole, with what holds where nothing is said', async () => {
    const read = await readDefinition({
      file: 'm.yaml',
      text: `id: m\ntitle: T\nreason: R\nauthor: A\n${STEP}`,
    })
    expect(read).toMatchObject({
      id: 'm',
      manifest: [],
      budget: { count: 0 },
      steps: [{ id: 'a', kind: 'tenant.set' }],
    })
    expect(read.hash).toBe(migrationHash(read.document))
    expect(schemaErrors('migration', read.document)).toEqual([])
  })

  test.each([
    ['budget: "101%"', ['budget: must be a number or a share']],
    ['budget: -1', ['budget: must be a number or a share']],
    ['waves: { canary: -1 }', ['waves.canary: must be a whole number from 0 to 100000']],
    ['waves: { sizes: ["0%"] }', ['waves.sizes[0]: must be a number or a share']],
    ['waves: { soak: soon }', ['waves.soak: must be a length of time']],
    ['select: { in: 03459 }', ['select.in: must be a text']],
    ['select: { regions: x }', ['select.regions: there is no such field']],
    ['id: Not A Label', ['id: must look like ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$']],
    ['portals: local', ['portals: there is no such field']],
    ['schemaVersion: 2', ['schemaVersion: must be a whole number from 1 to 1']],
  ])('with %s is refused with the place', async (line, problems) => {
    expect(await wrongWith(`${line}\n${STEP}`)).toEqual(problems)
  })

  test.each([
    ['- { id: a, kind: tenant.sett, set: { name: x } }', ['steps[0].kind: "tenant.sett" is no kind of step']],
    ['- { kind: wait, for: 1s }', ['steps[0].id: is missing']],
    ['- { id: a, kind: wait }', ['steps[0].for: is missing']],
    [
      '- { id: a, kind: wait, for: 1s }\n  - { id: a, kind: wait, for: 1s }',
      ['steps[1].id: a is there twice'],
    ],
    ['- { id: a, kind: tenant.set, set: {} }', ['steps[0]: set names no field']],
    ['- { id: a, kind: connector.replace, from: x, to: x }', ['steps[0]: from and to are the same']],
    [
      '- { id: a, kind: tenant.rekey, keys: { "06": "07", "05": "07" } }',
      ['steps[0]: two tenants would get the same key'],
    ],
    [
      '- { id: a, kind: tenant.rekey, keys: { "06": "07", "07": "08" } }',
      ['steps[0]: 07 is a former and a new key: use two migrations'],
    ],
    [
      '- { id: a, kind: leistung.remap, keys: { "99001001001000": "99" } }',
      ['steps[0].keys.99001001001000: is no LeiKa key'],
    ],
    [
      '- { id: a, kind: http, do: { url: "file:///etc/passwd" }, undo: none }',
      ['steps[0].do.url: must begin with https: or http://'],
    ],
    ['- { id: a, kind: http, do: { url: "https://x.example.de/" } }', ['steps[0].undo: is missing']],
    [
      '- { id: a, kind: records.transfer, from: { kind: ftp }, to: { kind: file, path: x } }',
      ['steps[0].from.kind: must be one of: json-http, file, folder, cmis, dvelop, enaio'],
    ],
  ])('with the step %s', async (step, problems) => {
    expect(await wrongWith(`steps:\n  ${step}\n`)).toEqual(problems)
  })

  test.each([
    ['select: { keys: [034590014014] }', 'select.keys[0]', '034590014014'],
    ['select: { in: 03459 }', 'select.in', '03459'],
    ['select: { version: 1.10 }', 'select.version', '1.10'],
    ['select: { connector: 0x1F }', 'select.connector', '0x1F'],
    ['manifest: [007]', 'manifest[0]', '007'],
    ['title: True\nreason: R\nauthor: A', 'title', 'True'],
  ])('with %s is told how to write it in quotes, by its source', async (line, path, source) => {
    const error = await failure(() => definitionFrom(`${line}\n${STEP}`))
    expect(error.problems).toMatchObject([
      { path, message: 'must be a text', hint: `Write it in quotes: "${source}"` },
    ])
  })

  test('of ten thousand steps is refused before they are looked at', async () => {
    const steps = Array.from({ length: 10_000 }, (_, at) => `  - { id: s${at}, kind: wait, for: 1s }\n`).join(
      '',
    )
    expect(await wrongWith(`steps:\n${steps}`)).toEqual(['steps: has 10000 steps; at most 100 are read'])
  })

  test('whose aliases stand for billions is refused', async () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [at, name] of [...'bcdefghi'].entries())
      lines.push(`${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[at]}`).join(', ')}]`)
    expect((await wrongWith(`${lines.join('\n')}\n${STEP}`)).join('\n')).toMatch(/alias/)
  })
})

describe('a template', () => {
  const set = (text: string): string =>
    `steps:\n  - { id: a, kind: tenant.set, set: { name: ${JSON.stringify(text)} } }\n`

  test.each([
    ['${tenant.arz}', 'steps[0].set.name: ${tenant.arz} stands for nothing'],
    ['${tenant.ars.length}', 'steps[0].set.name: ${tenant.ars.length} stands for nothing'],
    ['${process.env.HOME}', 'steps[0].set.name: ${process.env.HOME} stands for nothing'],
    ['${constructor.constructor}', 'steps[0].set.name: ${constructor.constructor} stands for nothing'],
    ['${tenant.ars + 1}', 'steps[0].set.name: ${tenant.ars + 1} is no placeholder'],
    ['${}', 'steps[0].set.name: ${} is no placeholder'],
    ['${steps.b.x}', 'steps[0].set.name: ${steps.b.x}: there is no earlier step b'],
    ['${connector.dms}', 'steps[0].set.name: ${connector.dms} stands for nothing'],
    [
      '${record.key}',
      'steps[0].set.name: ${record.key}: there is a record only in the target of records.transfer',
    ],
  ])('%s is refused', async (text, problem) => {
    expect(await wrongWith(set(text))).toEqual([problem])
  })

  test('$${ stands for itself', async () => {
    expect((await definitionFrom(set('$${tenant.ars}'))).steps).toHaveLength(1)
  })
})

describe('a secret', () => {
  const http = (more: string): string =>
    `steps:\n  - { id: a, kind: http, undo: none, do: { url: "https://x.example.de/"${more} } }\n`

  test.each([
    [
      'in a field that is called so',
      ', body: { user: x, password: hunter2 }',
      'steps[0].do.body.password: holds a secret',
    ],
    [
      'in the form of a token',
      ', body: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"',
      'steps[0].do.body: looks like a secret',
    ],
    [
      'in the form of a token, somewhere in a text',
      ', body: "send .x-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0., please"',
      'steps[0].do.body: looks like a secret',
    ],
    [
      'in the form of a key',
      ', body: "-----BEGIN PRIVATE KEY-----"',
      'steps[0].do.body: looks like a secret',
    ],
  ])('%s is refused', async (_name, more, problem) => {
    expect(await wrongWith(http(more))).toContain(problem)
  })

  test.each([
    ['two parts', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0'],
    ['a word that goes on', 'xeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc'],
    ['a first part that is short', 'eyJhbGciOiJI.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc'],
    ['a second part that is short', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.abc'],
    ['what begins like one again and again', '.eyJ_eyJ-'.repeat(100_000)],
  ])('%s is none', async (_name, text) => {
    expect((await definitionFrom(http(`, body: "${text}"`))).steps).toHaveLength(1)
  })

  test('in a header is refused, and its value is not shown', async () => {
    const problems = await wrongWith(http(', headers: { Authorization: "Basic aHVudGVyMjpodW50ZXIy" }'))
    expect(problems.join('\n')).not.toContain('aHVudGVy')
    expect(problems).toContain('steps[0].do.headers.Authorization: may not stand here')
  })

  test('in an address is refused', async () => {
    expect((await wrongWith(http('').replace('https://x', 'https://a:b@x'))).length).toBeGreaterThan(0)
  })
})

describe('a path', () => {
  test.each(['../x', '/etc/passwd', 'a/../../x', 'link/x'])('%s leads out of the folder', (path) => {
    const folder = temporaryFolder()
    symlinkSync('/etc', join(folder, 'link'))
    expect(() => pathInside(path, folder)).toThrow(expect.objectContaining({ code: 'PATH_OUTSIDE' }))
  })

  test('inside is taken, also one that is yet to be made, and others when they are allowed', () => {
    const folder = temporaryFolder()
    const other = temporaryFolder()
    mkdirSync(join(folder, 'a'))
    expect(pathInside('a/b.csv', folder)).toBe(join(folder, 'a/b.csv'))
    expect(pathInside(join(other, 'x'), folder, [other])).toBe(join(other, 'x'))
  })
})
