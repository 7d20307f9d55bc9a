import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mutant, mutated } from './mutants.ts'

/** What came of a run of tests; `endless` is one that did not come to an end in time. */
export type Outcome = 'passed' | 'failed' | 'endless'

/** What kills at every write takes longer than all the rest, and is there for faults of the order of writes. */
const WITHOUT_SWEEPS = '^(?!.*killed at every)'

/** A copy of the checkout, so that it can be changed; packages are shared. */
export class Copy {
  readonly #folder: string
  readonly #temp: string
  readonly #vitest: string
  #child: ChildProcess | undefined

  constructor(root: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'ozgctl-mutate-'))
    // Tests that are killed leave their files behind: here they go with the copy.
    this.#temp = join(this.#folder, '.tmp')
    this.#vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const apart = new Set(['node_modules', '.git', '.tmp'].map((name) => join(root, name)))
    cpSync(root, this.#folder, { recursive: true, filter: (path) => !apart.has(path) })
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'))
  }

  /** Does something with one place of a file changed, and puts it back. */
  async changed<T>(file: string, mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, mutated(source, mutant))
    try {
      return await work()
    } finally {
      writeFileSync(path, source)
    }
  }

  /** Runs test files until the first failure. */
  async test(files: readonly string[], limitMs: number): Promise<Outcome> {
    mkdirSync(this.#temp, { recursive: true })
    const child = spawn(
      process.execPath,
      [
        this.#vitest,
        'run',
        '--bail=1',
        '--maxWorkers=2',
        '--reporter=dot',
        `--testNamePattern=${WITHOUT_SWEEPS}`,
        ...files,
      ],
      {
        cwd: this.#folder,
        stdio: 'ignore',
        detached: true,
        env: { ...process.env, NO_COLOR: '1', TMPDIR: this.#temp },
      },
    )
    this.#child = child
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#kill()
    }, limitMs)
    child.once('error', reject)
    child.once('close', (code) => resolve(late ? 'endless' : code === 0 ? 'passed' : 'failed'))
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#kill()
      rmSync(this.#temp, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  /** Ends what still runs in it, and leaves nothing behind. */
  remove(): void {
    this.#kill()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  /** The tests with all that they have started. */
  #kill(): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nobody of them is left.
    }
  }
}
