import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Runs the main job on the bundled inputs: the real command line, one command after another, each printed before its
 * output. A command that fails ends it with that command's exit code.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.tmp', 'quickstart')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const store = relative(root, join(folder, 'ozgctl.db'))
const network = relative(root, join(folder, 'network.yaml'))

interface Step {
  readonly why: string
  readonly args: readonly string[]
  /** Only so many lines of the output are shown. */
  readonly first?: number
  readonly last?: number
}

const STEPS: readonly Step[] = [
  {
    why: 'The register: county and city of Osnabrück with their municipalities (Gemeindeverzeichnis, Destatis).',
    args: ['region', 'import', 'fixtures/region/GV100AD_osnabrueck_301123.txt'],
  },
  {
    why: 'The catalogue: 88 OZG-Leistungen of all 14 Themenfelder, with the faults of the real table.',
    args: [
      'catalog',
      'import',
      'fixtures/catalog/ozg_leistungen.csv',
      'fixtures/catalog/leika_leistungen.csv',
    ],
  },
  {
    why: 'What Bund, Land, county and towns offer online (invented).',
    args: ['offer', 'import', 'fixtures/offer/offers.csv'],
  },
  {
    why: 'A portal for every municipality of the county, from the register.',
    args: ['tenant', 'seed', '--in', '03459', '--out', network],
  },
  {
    why: 'What that would change, before it changes.',
    args: ['tenant', 'plan', '-f', network],
    first: 8,
  },
  {
    why: 'And now really, in the local portal.',
    args: ['tenant', 'apply', '-f', network],
    last: 3,
  },
  {
    why: 'How many OZG-Leistungen can people use online, and from whom?',
    args: ['coverage', 'report', '--in', '03459'],
  },
  {
    why: 'Why does getting married (10026) not count as online in Bramsche?',
    args: ['coverage', 'explain', 'Bramsche', '10026'],
  },
  {
    why: 'Bramsche, for the mayor: what is online, by Themenfeld.',
    args: ['coverage', 'report', '--in', '034590014014', '--by', 'themenfeld'],
  },
]

for (const { why, args, first, last } of STEPS) {
  process.stdout.write(`\n# ${why}\n$ ozgctl ${args.join(' ')}\n`)
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'bin', 'run.js'), ...args, '--store', store],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  )
  process.stdout.write(shortened(stdout, first, last))
  if (status !== 0) {
    process.stderr.write(`quickstart stopped: that command ended with ${status}\n`)
    process.exit(status ?? 1)
  }
}
process.stdout.write(`
Try next:
  npx ozgctl coverage gaps Bramsche --store ${store}
  npx ozgctl coverage report --in 03459 --view portal --scope kommunal --store ${store}
  npx ozgctl coverage check --min 45 --in 03459 --store ${store}
`)

function shortened(text: string, first?: number, last?: number): string {
  const lines = text.trimEnd().split('\n')
  const left = lines.length - (first ?? last ?? lines.length)
  if (left <= 0) return text
  const gap = `[… ${left} more lines]`
  return [
    ...(first === undefined ? [gap] : []),
    ...lines.slice(0, first ?? 0),
    ...(last === undefined ? [gap] : lines.slice(-last)),
  ]
    .map((line) => `${line}\n`)
    .join('')
}
