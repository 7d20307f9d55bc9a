import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { benchCoverage } from './coverage.ts'
import { benchHealth } from './health.ts'
import { benchMigration } from './migration.ts'
import { benchProvisioning } from './provisioning.ts'
import { type Result, renderResults } from './results.ts'
import { benchStartup } from './startup.ts'
import { benchXzufi } from './xzufi.ts'

/**
 * `npm run bench [-- startup|xzufi|coverage|provisioning|health|migration]`: whole processes against a peer in the same run, on an idle machine.
 * The table goes to stdout and to `bench/results/`; a limit that is missed ends it with 1.
 */
const BENCHES: Readonly<Record<string, () => Promise<readonly Result[]>>> = {
  startup: benchStartup,
  xzufi: benchXzufi,
  coverage: benchCoverage,
  provisioning: benchProvisioning,
  health: benchHealth,
  migration: benchMigration,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  process.stderr.write(`there is no bench "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(64)
}
mkdirSync(join(import.meta.dirname, 'data'), { recursive: true })
mkdirSync(join(import.meta.dirname, 'results'), { recursive: true })
let missed = 0
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const results = await bench()
  missed += results.filter(({ met }) => met === false).length
  const text = renderResults(name, results)
  process.stdout.write(`${text}\n`)
  const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`
  writeFileSync(join(import.meta.dirname, 'results', `${name}.md`), `${text}\n${machine}\n`)
}
process.exitCode = missed > 0 ? 1 : 0
