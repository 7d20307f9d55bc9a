import { expect, test } from 'vitest'
import { readScopeFile } from '../../src/lib/coverage/scope-file.ts'
import { temporaryFile } from '../support/folder.ts'

test('ids and keys are read in any spelling, one a line', async () => {
  const path = temporaryFile(
    'focus.csv',
    '\uFEFFozg_id;name\r\n10026;Eheschließung\r\n\r\n# keys\r\n99 102 013 104 000 # Hundesteuer\r\n"10118",x\r\n',
  )
  expect(await readScopeFile(path)).toEqual({
    kind: 'list',
    name: path,
    ozgIds: new Set(['10026', '10118']),
    keys: new Set(['99102013104000']),
  })
})

test.each([
  ['10026\nHundesteuer\n', 'SCOPE_LINE', { line: 2, column: 1 }],
  ['10026\n9.9102E+13\n', 'SCOPE_LINE', { line: 2, column: 1 }],
  ['# nothing\n', 'SCOPE_EMPTY', {}],
])('a list that cannot be right is refused: %j', async (content, code, place) => {
  await expect(readScopeFile(temporaryFile('list.txt', content))).rejects.toMatchObject({
    code,
    exit: 65,
    place,
  })
})

test('a missing list is named', async () => {
  await expect(readScopeFile('no-such-list.txt')).rejects.toMatchObject({ exit: 65 })
})
