import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TestReport, testCounts } from './test-counts.ts'

/**
 * `npm test`: every check that a change must pass, one line each. A failed one shows its output and does not stop the
 * others. The last line counts tests and checks together.
 */

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const folder = mkdtempSync(join(tmpdir(), 'ozgctl-check-'))
const reportFile = join(folder, 'vitest.json')

const CHECKS: readonly Check[] = [
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'imports', command: ['node', 'scripts/imports.ts'] },
  { name: 'regular expressions', command: ['node', 'scripts/regexes.ts'] },
  { name: 'dead code', command: ['knip', '--no-config-hints'] },
  { name: 'fixtures', command: ['node', 'fixtures/generate.ts', '--check'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
  { name: 'reference', command: ['node', 'scripts/reference.ts', '--check'] },
]

const TESTS: Check = {
  name: 'tests',
  command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
}

const root = fileURLToPath(new URL('..', import.meta.url))
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  NO_COLOR: '1',
}

/** Runs a check and prints its line. @returns whether it passed */
async function run({ name, command: [program, ...args] }: Check): Promise<boolean> {
  process.stdout.write(name.padEnd(20))
  const started = performance.now()
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => output.push(part))
  child.stderr.on('data', (part: Buffer) => output.push(part))
  const passed = await new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`))
      resolve(false)
    })
    child.on('close', (code) => resolve(code === 0))
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s`)
  if (!passed) console.log(Buffer.concat(output).toString('utf8'))
  return passed
}

/** Counts of the test run; when it did not come to its end it counts as one failure. */
function readCounts(finished: boolean) {
  try {
    const counts = testCounts(JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport)
    return finished || counts.failed > 0 ? counts : { ...counts, failed: 1 }
  } catch {
    return { passed: 0, failed: 1, skipped: [] }
  }
}

const results: boolean[] = []
for (const check of CHECKS) results.push(await run(check))
const tests = readCounts(await run(TESTS))
rmSync(folder, { recursive: true })
for (const line of tests.skipped) console.log(line)
const passed = tests.passed + results.filter(Boolean).length
const failed = tests.failed + results.filter((result) => !result).length
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
