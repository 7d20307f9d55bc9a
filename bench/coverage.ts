import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readBundles, readOzgLeistungen, readTypen } from '../src/lib/catalog/store.ts'
import { countBits } from '../src/lib/coverage/bits.ts'
import { Matrix } from '../src/lib/coverage/matrix.ts'
import { scopeOf } from '../src/lib/coverage/scope.ts'
import { readOfferKeys, readRegionCells } from '../src/lib/offer/store.ts'
import { candidatesOf, SOURCES } from '../src/lib/region/key.ts'
import { requireActive } from '../src/lib/snapshot/snapshots.ts'
import { openStore } from '../src/lib/store/sqlite.ts'
import { generateNetwork, type Network } from './generate-network.ts'
import { generateOffers } from './generate-offers.ts'
import { data, measure, newStore, ozgctl } from './ozgctl.ts'
import { loadDuckdb, timeQuery } from './peers/duckdb.ts'
import { type Result, seconds, times } from './results.ts'
import { median, timeInTurn, timeOnce } from './timing.ts'

const FULL = 5_000_000
const TURNS = 5

/** Coverage of 10,981 Gemeinden × 557 OZG-Leistungen, against DuckDB answering the same question from its own file. */
export async function benchCoverage(): Promise<readonly Result[]> {
  const network = generateNetwork(join(import.meta.dirname, 'data'))
  const full = await prepare(network, FULL, 'full')
  const tenth = await prepare(network, FULL / 10, 'tenth')
  const timing = timeInTurn(
    {
      ozgctl: full.ozgctl,
      duckdb: full.duckdb,
      ozgctlTenth: tenth.ozgctl,
      duckdbTenth: tenth.duckdb,
    },
    TURNS,
  )
  const total = assertEqual(full.ozgctlOut, full.duckdbOut)
  assertEqual(tenth.ozgctlOut, tenth.duckdbOut)
  const matrix = median(await timeMatrix(full.store, network))
  const matrixTenth = median(await timeMatrix(tenth.store, network))
  const query = median(await timeQuery(full.duckdbFile, TURNS))
  const queryTenth = median(await timeQuery(tenth.duckdbFile, TURNS))
  const whole = timing.ozgctl.median / timing.duckdb.median
  const { rss } = measure(reportArgs(full.ozgctlOut), full.store)
  return [
    {
      what: `report, whole process, 5,000,000 offers; DuckDB (equal totals: ${total} online)`,
      ours: seconds(timing.ozgctl.median),
      peer: seconds(timing.duckdb.median),
      figure: times(whole),
      limit: 'at most 1 ×',
      met: whole <= 1,
    },
    {
      what: 'the matrix itself, from the stored cells to the counts; DuckDB query',
      ours: seconds(matrix),
      peer: seconds(query),
      figure: `${times(query / matrix)} its speed`,
      limit: 'at least 5 ×',
      met: query / matrix >= 5,
    },
    {
      what: 'report with a tenth of the offers',
      ours: seconds(timing.ozgctlTenth.median),
      peer: seconds(timing.duckdbTenth.median),
      figure: `full size: ${times(timing.ozgctl.median / timing.ozgctlTenth.median)} the time`,
      limit: '',
      met: undefined,
    },
    {
      what: 'the matrix with a tenth of the offers',
      ours: seconds(matrixTenth),
      peer: seconds(queryTenth),
      figure: `full size: ${times(matrix / matrixTenth)} the time`,
      limit: '',
      met: undefined,
    },
    {
      what: 'memory of the report',
      ours: `${(rss / 1e6).toFixed(0)} MB`,
      peer: '',
      figure: '',
      limit: '',
      met: undefined,
    },
    {
      what: 'import of the 5,000,000 offers (tenth)',
      ours: `${seconds(full.importSeconds)} (${seconds(tenth.importSeconds)})`,
      peer: '',
      figure: `${Math.round(FULL / full.importSeconds / 1000)},000 offers/s, ${(full.importMemory / 1e6).toFixed(0)} MB`,
      limit: '',
      met: undefined,
    },
  ]
}

const reportArgs = (out: string): readonly string[] => ['coverage', 'report', '--output', 'csv', '--out', out]

async function prepare(network: Network, count: number, name: string) {
  const csv = data(`offers-${name}.csv`)
  generateOffers(csv, { count, regions: network.offering, keys: network.keys, seed: 1 })
  const store = newStore(`coverage-${name}.db`)
  timeOnce(ozgctl(['region', 'import', network.files.register], store))
  timeOnce(ozgctl(['catalog', 'import', network.files.ozg, network.files.leika], store))
  const imported = measure(['offer', 'import', csv], store)
  const duckdbFile = data(`coverage-${name}.duckdb`)
  for (const suffix of ['', '.wal']) rmSync(`${duckdbFile}${suffix}`, { force: true })
  const open = await openStore(store)
  const bundles = await readBundles(open, (await requireActive(open, 'catalog')).rowId)
  open.close()
  await loadDuckdb(
    duckdbFile,
    csv,
    network.gemeinden.flatMap((gemeinde) =>
      candidatesOf(gemeinde).map(({ key, source }) => [gemeinde, key, SOURCES.indexOf(source)] as const),
    ),
    bundles.map(({ ozgId, key }) => [ozgId, key] as const),
  )
  rmSync(csv, { force: true })
  const ozgctlOut = data(`ozgctl-${name}.csv`)
  const duckdbOut = data(`duckdb-${name}.csv`)
  return {
    store,
    duckdbFile,
    ozgctlOut,
    duckdbOut,
    importSeconds: imported.seconds,
    importMemory: imported.rss,
    ozgctl: ozgctl(reportArgs(ozgctlOut), store),
    duckdb: {
      command: process.execPath,
      args: [join(import.meta.dirname, 'peers', 'duckdb.ts'), duckdbFile, duckdbOut],
    },
  }
}

const COMPARED = ['ars', 'online', 'konform', 'own', 'verband', 'kreis', 'land', 'bund'] as const

/** @returns the sum of online over all Gemeinden @throws Error when a single figure of a single Gemeinde differs */
function assertEqual(ours: string, theirs: string): number {
  const left = readTable(ours)
  const right = readTable(theirs)
  if (left.length !== right.length) throw new Error(`${left.length} regions, DuckDB has ${right.length}`)
  left.forEach((line, at) => {
    if (line !== right[at])
      throw new Error(`ozgctl says ${line}, DuckDB ${right[at]} (${COMPARED.join(';')})`)
  })
  return left.reduce((sum, line) => sum + Number(line.split(';')[1]), 0)
}

function readTable(file: string): readonly string[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const columns = header.split(';')
  return lines
    .map((line) => {
      const cells = line.split(';')
      return COMPARED.map((name) => cells[columns.indexOf(name)]).join(';')
    })
    .sort()
}

/** Seconds from the packed cells in the store to both counts of every Gemeinde. */
async function timeMatrix(file: string, network: Network): Promise<readonly number[]> {
  const store = await openStore(file)
  const catalog = (await requireActive(store, 'catalog')).rowId
  const offer = (await requireActive(store, 'offer')).rowId
  const scope = scopeOf(
    {
      ozgLeistungen: await readOzgLeistungen(store, catalog),
      bundles: await readBundles(store, catalog),
      typen: await readTypen(store, catalog),
    },
    { kind: 'all' },
  )
  const keys = await readOfferKeys(store, offer)
  const candidates = network.gemeinden.map(candidatesOf)
  const took: number[] = []
  for (let turn = 0; turn <= TURNS; turn++) {
    const started = process.hrtime.bigint()
    const cells = await readRegionCells(store, offer, '2026-11-23')
    const matrix = new Matrix(scope, keys, cells, [2, 3], 'any')
    let sum = 0
    for (const chain of candidates)
      sum += countBits(matrix.cover(chain, 2).covered) + countBits(matrix.cover(chain, 3).covered)
    if (sum === 0) throw new Error('the matrix is empty')
    if (turn > 0) took.push(Number(process.hrtime.bigint() - started) / 1e9)
  }
  store.close()
  return took
}
