import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importErrors } from '../../scripts/imports.ts'
import { root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

/** Writes source files into a folder of their own and checks it. */
function errorsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const src = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true })
    writeFileSync(join(src, name), text)
  }
  return importErrors(src)
}

describe('the imports of src', () => {
  it('are in order', () => {
    expect(importErrors(join(root, 'src'))).toEqual([])
  })
})

describe('the import check', () => {
  it.each<[string, string, string, string]>([
    [
      'an arrow upwards',
      'lib/store/a.ts',
      "import { b } from '../catalog/b.ts'",
      'src/lib/store/a.ts:1 may not import lib/catalog/b.ts: catalog stands above store',
    ],
    [
      'an arrow upwards by type',
      'lib/region/a.ts',
      "import type { B } from '../store/b.ts'",
      'src/lib/region/a.ts:1 may not import lib/store/b.ts: store stands above region',
    ],
    [
      'two subjects side by side',
      'lib/catalog/a.ts',
      "import type { B } from '../tenant/b.ts'",
      'src/lib/catalog/a.ts:1 may not import lib/tenant/b.ts: catalog and tenant stand side by side',
    ],
    [
      'a folder without a layer',
      'lib/misc/a.ts',
      "import { b } from '../text.ts'",
      'src/lib/misc/a.ts:1 may not import lib/text.ts: lib/misc stands in no layer of scripts/imports.ts',
    ],
    [
      'a command in lib',
      'lib/offer/a.ts',
      "import A from '../../commands/offer/list.ts'",
      'src/lib/offer/a.ts:1 may not import commands/offer/list.ts: nothing imports a command',
    ],
    [
      'a command in a command',
      'commands/offer/a.ts',
      "import A from './list.ts'",
      'src/commands/offer/a.ts:1 may not import commands/offer/list.ts: nothing imports a command',
    ],
    [
      'what commands share in lib',
      'lib/offer/a.ts',
      "export { a } from '../../flags.ts'",
      'src/lib/offer/a.ts:1 may not import flags.ts: lib imports nothing outside of lib',
    ],
    [
      'a view in lib',
      'lib/offer/a.ts',
      "import { a } from '../view/table.ts'",
      'src/lib/offer/a.ts:1 may not import lib/view/table.ts: only commands show something',
    ],
    [
      'a value in a view, over several lines',
      'lib/view/a.ts',
      "// first\nimport {\n  type B,\n  b,\n} from '../offer/b.ts'",
      'src/lib/view/a.ts:2 may not import lib/offer/b.ts (b): view imports types only',
    ],
    [
      'a dynamic import',
      'lib/input/a.ts',
      "const a = 1\nexport const b = () => import('../snapshot/b.ts')",
      'src/lib/input/a.ts:2 may not import lib/snapshot/b.ts: snapshot stands above input',
    ],
    [
      'oclif in lib',
      'lib/offer/a.ts',
      "import { Flags } from '@oclif/core'",
      'src/lib/offer/a.ts:1 may not import @oclif/core: lib knows nothing of the command line',
    ],
    [
      'a file system in a pure folder',
      'lib/view/a.ts',
      "import { readFileSync } from 'node:fs'",
      'src/lib/view/a.ts:1 may not import node:fs: lib/view is pure',
    ],
    [
      'input and output in a command',
      'commands/offer/a.ts',
      "import 'node:fs'",
      'src/commands/offer/a.ts:1 may not import node:fs: a command calls lib and hands the result to a view',
    ],
    [
      'the environment in lib',
      'lib/store/a.ts',
      "// process.env is named in a comment\nexport const a = process.env.HOME ?? ''",
      'src/lib/store/a.ts:2 may not use process: it comes in through Context',
    ],
    [
      'printing in lib',
      'lib/store/a.ts',
      "console.log('x')",
      'src/lib/store/a.ts:1 may not use console: it comes in through Context',
    ],
    [
      'the clock in lib',
      'lib/store/a.ts',
      'export const day = new Date()',
      'src/lib/store/a.ts:1 may not use the clock: it comes in through Context',
    ],
  ])('finds %s', (_, file, text, error) => {
    expect(errorsOf({ [file]: `${text}\n` })).toEqual([error])
  })

  it('accepts what points downwards, a listed pair, types and listed values in a view', () => {
    expect(
      errorsOf({
        'commands/offer/list.ts': "import { Flags } from '@oclif/core'\nimport { a } from '../../flags.ts'\n",
        'flags.ts': "import { a } from './lib/offer/a.ts'\n",
        'lib/coverage/a.ts': "import { a } from '../offer/a.ts'\n",
        'lib/offer/a.ts': "import { b } from '../store/b.ts'\nconst at = new Date(0)\n",
        'lib/view/a.ts':
          "import { printPlace } from '../errors.ts'\nimport { b, type C } from './b.ts'\nimport type { D } from '../offer/a.ts'\n",
      }),
    ).toEqual([])
  })

  it('finds cycles of files, but not where only types close them', () => {
    const a = "import { b } from './b.ts'\n"
    expect(errorsOf({ 'lib/offer/a.ts': a, 'lib/offer/b.ts': "import { a } from './a.ts'\n" })).toEqual([
      'cycle: lib/offer/a.ts → lib/offer/b.ts → lib/offer/a.ts',
    ])
    expect(errorsOf({ 'lib/offer/a.ts': a, 'lib/offer/b.ts': "import type { A } from './a.ts'\n" })).toEqual(
      [],
    )
  })

  it('finds cycles of folders, also by types', () => {
    expect(
      errorsOf({
        'lib/coverage/a.ts': "import { b } from '../offer/b.ts'\n",
        'lib/offer/c.ts': "import type { A } from '../coverage/a.ts'\n",
      }),
    ).toContain('cycle: lib/coverage → lib/offer → lib/coverage')
  })
})
