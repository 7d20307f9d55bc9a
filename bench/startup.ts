import { join } from 'node:path'
import { data, newStore, ozgctl } from './ozgctl.ts'
import { type Result, seconds, times } from './results.ts'
import { timeInTurn, timeOnce } from './timing.ts'

const TURNS = 30
const fixtures = join(import.meta.dirname, '..', 'fixtures')

/** Start-up against Node doing nothing. */
export async function benchStartup(): Promise<readonly Result[]> {
  const store = newStore('startup.db')
  for (const args of [
    ['region', 'import', join(fixtures, 'region', 'GV100AD_osnabrueck_301123.txt')],
    [
      'catalog',
      'import',
      join(fixtures, 'catalog', 'ozg_leistungen.csv'),
      join(fixtures, 'catalog', 'leika_leistungen.csv'),
    ],
    ['offer', 'import', join(fixtures, 'offer', 'offers.csv')],
  ])
    timeOnce(ozgctl(args, store))
  const timing = timeInTurn(
    {
      node: { command: process.execPath, args: ['-e', '0'] },
      version: ozgctl(['--version'], store),
      check: ozgctl(['coverage', 'check', '--min', '10', '--in', '03459', '--out', data('check.txt')], store),
    },
    TURNS,
  )
  const row = (what: string, ours: number, limit: number): Result => {
    const ratio = ours / timing.node.median
    return {
      what,
      ours: seconds(ours),
      peer: `node -e 0: ${seconds(timing.node.median)}`,
      figure: times(ratio),
      limit: `at most ${limit} ×`,
      met: ratio <= limit,
    }
  }
  return [
    row('ozgctl --version', timing.version.median, 1.5),
    row('coverage check on the quick start', timing.check.median, 5),
  ]
}
