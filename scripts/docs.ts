import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { examplesIn, runExamples } from './console-blocks.ts'

/** `npm run docs`: runs the examples of the documentation and writes what they print below them. */
const root = fileURLToPath(new URL('..', import.meta.url))

export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'docs', 'migrations'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/migrations/${name}`),
]

if (process.argv[1] === import.meta.filename) {
  for (const page of PAGES) {
    const path = join(root, page)
    const text = readFileSync(path, 'utf8')
    const examples = examplesIn(text)
    const folder = mkdtempSync(join(tmpdir(), 'ozgctl-docs-'))
    const outcomes = runExamples(examples, folder)
    rmSync(folder, { recursive: true })
    const lines = text.split('\n')
    // From the end, so that the places of those before stay true.
    for (const [at, { start, end }] of [...examples.entries()].reverse()) {
      const { output = '', exit = 0 } = outcomes[at] ?? {}
      const body = output.replace(/\n$/, '').split('\n')
      lines.splice(
        start,
        end - start,
        ...(output === '' ? [] : body),
        ...(exit === 0 ? [] : [`# exit ${exit}`]),
      )
    }
    if (lines.join('\n') !== text) {
      writeFileSync(path, lines.join('\n'))
      process.stdout.write(`${page}\n`)
    }
  }
}
