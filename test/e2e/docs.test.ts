import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examplesIn, runExamples } from '../../scripts/console-blocks.ts'
import { PAGES } from '../../scripts/docs.ts'
import { root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

test.each(PAGES)('the examples of %s print what the page shows (npm run docs)', (page) => {
  const examples = examplesIn(readFileSync(join(root, page), 'utf8'))
  const outcomes = runExamples(examples, temporaryFolder())
  expect(examples.map(({ command }, at) => ({ command, ...outcomes[at] }))).toEqual(
    examples.map(({ command, output, exit }) => ({ command, output, exit })),
  )
})

test('an example that prints something else is noticed', () => {
  const examples = examplesIn('```console\n$ echo one; exit 3\ntwo\n```\n')
  expect(examples).toEqual([{ command: 'echo one; exit 3', output: 'two\n', exit: 0, start: 2, end: 3 }])
  expect(runExamples(examples, temporaryFolder())).toEqual([{ output: 'one\n', exit: 3 }])
})
