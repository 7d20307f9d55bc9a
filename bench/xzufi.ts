import { statSync } from 'node:fs'
import { join } from 'node:path'
import { generateXzufi } from './generate-xzufi.ts'
import { data, measure, newStore, ozgctl } from './ozgctl.ts'
import { type Result, seconds, times } from './results.ts'
import { type Command, exists, timeInTurn } from './timing.ts'

const FULL = 300_000_000
const MEMORY = 350_000_000
const TURNS = 3

const rate = (bytes: number, took: number): string => `${(bytes / 1e6 / took).toFixed(0)} MB/s`

/** Import of an XZuFi transfer against a parser that extracts nothing, and against Python's streaming parser. */
export async function benchXzufi(): Promise<readonly Result[]> {
  const full = data('xzufi-300mb.xml')
  const tenth = data('xzufi-30mb.xml')
  generateXzufi(full, FULL)
  generateXzufi(tenth, FULL / 10)
  const bytes = statSync(full).size
  const store = newStore('xzufi.db')
  const commands: Record<string, Command> = {
    ozgctl: ozgctl(['catalog', 'import', full], store),
    tenth: ozgctl(['catalog', 'import', tenth, '--allow-shrink'], newStore('xzufi-tenth.db')),
  }
  if (exists('xmllint')) commands.xmllint = { command: 'xmllint', args: ['--stream', '--noout', full] }
  if (exists('python3'))
    commands.python = {
      command: 'python3',
      args: [join(import.meta.dirname, 'peers', 'iterparse.py'), full],
    }
  const timing = timeInTurn(commands, TURNS)
  const ours = timing.ozgctl?.median ?? 0
  const small = timing.tenth?.median ?? 0
  const { rss } = measure(['catalog', 'import', full], newStore('xzufi-memory.db'))
  const against = (peer: 'xmllint' | 'python', what: string, limit: number): Result => {
    const took = timing[peer]?.median
    return {
      what,
      ours: `${seconds(ours)}, ${rate(bytes, ours)}`,
      peer: took === undefined ? `${peer} is not installed` : `${seconds(took)}, ${rate(bytes, took)}`,
      figure: took === undefined ? '' : `${times(took / ours)} its speed`,
      limit: `at least ${limit} ×`,
      met: took === undefined ? undefined : took / ours >= limit,
    }
  }
  return [
    against('xmllint', 'import 300 MB of XZuFi; xmllint --stream', 0.3),
    against('python', 'import 300 MB of XZuFi; Python iterparse', 1),
    {
      what: 'memory of that import',
      ours: `${(rss / 1e6).toFixed(0)} MB`,
      peer: '',
      figure: '',
      limit: `under ${MEMORY / 1e6} MB`,
      met: rss < MEMORY,
    },
    {
      what: 'a tenth of it',
      ours: `${seconds(small)}, ${rate(bytes / 10, small)}`,
      peer: `full size: ${seconds(ours)}`,
      figure: `${times(ours / small)} the time for 10 × the data`,
      limit: '',
      met: undefined,
    },
  ]
}
