import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomFrom } from '../bench/random.ts'
import { type Mutant, mutantsOf, mutated } from './mutants.ts'
import { proofOf, readVerdicts, type Tried } from './mutate-proof.ts'

/**
 * `npm run mutate`: changes the code on purpose, one place at a time, and runs the tests of its subject. What no test
 * notices is written into docs/proofs/mutations.md, to be looked at. Which places are tried is decided by the seed.
 *
 *     npm run mutate                              all subjects
 *     npm run mutate -- --subject journal         one of them, without writing the proof
 *     npm run mutate -- --count 100 --seed 7      more places of each, and others
 */
interface Subject {
  readonly sources: string
  /** Those most likely to notice first: a run ends with the first test that fails. */
  readonly tests: readonly string[]
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  journal: {
    sources: 'src/lib/journal/*.ts',
    tests: ['test/journal', 'test/tenant/apply.test.ts', 'test/migration/runs.test.ts'],
  },
  records: {
    sources: 'src/lib/migration/records/*.ts',
    tests: ['test/migration/records', 'test/migration/transfer.test.ts', 'test/migration/files.test.ts'],
  },
  coverage: { sources: 'src/lib/coverage/*.ts', tests: ['test/coverage'] },
  liferay: { sources: 'src/lib/portal/liferay/*.ts', tests: ['test/portal/liferay'] },
}

const root = fileURLToPath(new URL('..', import.meta.url))
const proofFile = join(root, 'docs/proofs/mutations.md')
const { values } = parseArgs({
  options: {
    subject: { type: 'string', multiple: true, default: Object.keys(SUBJECTS) },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
})

const random = randomFrom(Number(values.seed))
/** Whoever takes longer than the unchanged code by so much is in a loop, and that is noticed. */
const ENDLESS_FACTOR = 4
const ENDLESS_MS = 60_000

/** A copy of the checkout, so that it can be changed; packages are shared. */
function copyOfCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-mutate-'))
  const apart = new Set(['node_modules', '.git', '.tmp'].map((name) => join(root, name)))
  cpSync(root, folder, { recursive: true, filter: (path) => !apart.has(path) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** @returns whether the tests passed; `endless` when they did not come to an end in time */
async function runTests(cwd: string, tests: readonly string[], limitMs: number) {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--bail=1', '--reporter=dot', ...tests],
    { cwd, stdio: 'ignore', detached: true, env: { ...process.env, NO_COLOR: '1' } },
  )
  const { promise, resolve } = Promise.withResolvers<'passed' | 'failed' | 'endless'>()
  const timer = setTimeout(() => {
    // With all that the tests have started.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    resolve('endless')
  }, limitMs)
  child.once('error', () => resolve('failed'))
  child.once('close', (code) => resolve(code === 0 ? 'passed' : 'failed'))
  return promise.finally(() => clearTimeout(timer))
}

/** So many changes of a subject, drawn by the seed. */
function drawn(sources: string): readonly (Mutant & { readonly file: string })[] {
  const all = globSync(sources, { cwd: root })
    .sort()
    .flatMap((file) => mutantsOf(readFileSync(join(root, file), 'utf8')).map((one) => ({ ...one, file })))
  const order = all.map((mutant) => ({ mutant, at: random() })).sort((a, b) => a.at - b.at)
  return order.slice(0, Number(values.count)).map(({ mutant }) => mutant)
}

async function tryAll(folder: string, name: string): Promise<readonly Tried[]> {
  const subject = SUBJECTS[name]
  if (subject === undefined) throw new Error(`no subject ${name}: ${Object.keys(SUBJECTS).join(', ')}`)
  const begun = performance.now()
  const unchanged = await runTests(folder, subject.tests, 20 * ENDLESS_MS)
  if (unchanged !== 'passed') throw new Error(`${name}: the tests do not pass without a change`)
  const limitMs = ENDLESS_MS + ENDLESS_FACTOR * (performance.now() - begun)
  const tried: Tried[] = []
  for (const mutant of drawn(subject.sources)) {
    const path = join(folder, mutant.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, mutated(source, mutant))
    const outcome = await runTests(folder, subject.tests, limitMs)
    writeFileSync(path, source)
    tried.push({ subject: name, mutant, noticed: outcome !== 'passed' })
    const { file, line, from, to } = mutant
    console.log(`${outcome === 'passed' ? 'SURVIVED' : 'noticed '} ${file}:${line} ${from} → ${to}`)
  }
  return tried
}

const folder = copyOfCheckout()
const tried: Tried[] = []
try {
  for (const name of values.subject) tried.push(...(await tryAll(folder, name)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const survived = tried.filter(({ noticed }) => !noticed)
if (values.subject.length === Object.keys(SUBJECTS).length) {
  const before = existsSync(proofFile) ? readFileSync(proofFile, 'utf8') : ''
  const date = new Date().toISOString().slice(0, 10)
  const head = { date, seed: values.seed, count: values.count }
  writeFileSync(proofFile, proofOf(head, tried, readVerdicts(before)))
}
console.log(`${tried.length - survived.length} of ${tried.length} changes noticed, ${survived.length} not`)
