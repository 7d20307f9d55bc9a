import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { LocalPortal } from '../src/lib/portal/local.ts'
import { NO_DETAILS, type Tenant } from '../src/lib/portal/model.ts'
import { openStore } from '../src/lib/store/sqlite.ts'
import { data, measure, newStore, ozgctl } from './ozgctl.ts'
import { type Result, seconds, times } from './results.ts'
import { median, timeOnce } from './timing.ts'

const RECORDS = 1_000_000
/** Behind those that are finished when the process is killed. */
const MORE = 20_000
const PAGE = 1000
const TENANTS = 10_981
const STEPS = 5
const TURNS = 3

/** Transfer of a million records against a bare loop, its memory, its resume; checks of 10,981 tenants. */
export async function benchMigration(): Promise<readonly Result[]> {
  return [...(await benchTransfer()), await benchMemory(), await benchResume(), ...(await benchChecks())]
}

interface Server {
  readonly url: string
  stats(): Promise<Stats>
  reset(): Promise<void>
  stop(): Promise<void>
}

interface Stats {
  readonly requests: number
  readonly records: number
  readonly distinct: number
  readonly twice: number
  /** Of the first read and the last write, milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
}

/** A connection that is kept ends while a run blocks this process. */
const CLOSE = { headers: { connection: 'close' } }

async function startServer(records: number): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'record-server.ts'), String(records)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const [port] = (await once(lines, 'line')) as [string]
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    stats: async () => (await (await fetch(`${url}/stats`, CLOSE)).json()) as Stats,
    reset: async () => {
      await fetch(`${url}/reset`, CLOSE)
    },
    stop: async () => {
      child.kill()
      await once(child, 'close')
    },
  }
}

const tenant = (at: number): Tenant => ({
  ars: `03459${String(5402000 + at).padStart(7, '0')}`,
  account: 'bench',
  slug: `g${at}`,
  name: `Gemeinde ${at}`,
  hosts: [`g${at}.example.de`],
  modules: [],
  ...NO_DETAILS,
  state: 'active',
})

/** A store with so many tenants in its portal. */
async function storeWith(name: string, tenants: number): Promise<string> {
  const path = newStore(name)
  const store = await openStore(path)
  const portal = new LocalPortal(store, 'local', { actor: 'bench', host: 'bench', now: () => new Date() })
  const network = { account: 'bench', name: 'Bench', anchor: '03459', sharing: null }
  await portal.write([{ kind: 'network', network, expected: null, key: 'network' }])
  for (let from = 0; from < tenants; from += 500) {
    const some = Array.from({ length: Math.min(500, tenants - from) }, (_, at) => tenant(from + at))
    await portal.write(some.map((one) => ({ kind: 'create', tenant: one, key: one.ars })))
  }
  store.close()
  return path
}

function writeMigration(name: string, steps: readonly object[]): string {
  mkdirSync(data('migrations'), { recursive: true })
  const file = data(`migrations/${name}.yaml`)
  const head = { id: name, title: name, reason: 'bench', author: 'bench', steps }
  writeFileSync(file, JSON.stringify(head))
  return file
}

const transfer = (url: string, name: string): string =>
  writeMigration(name, [
    {
      id: 'copy',
      kind: 'records.transfer',
      verify: false,
      from: {
        kind: 'json-http',
        url: `${url}/source`,
        records: '$.items',
        paging: { style: 'cursor', size: PAGE },
      },
      to: { kind: 'json-http', url: `${url}/target`, method: 'POST', upsert: true, batch: PAGE },
    },
  ])

async function benchTransfer(): Promise<readonly Result[]> {
  const server = await startServer(RECORDS)
  try {
    const file = transfer(server.url, 'transfer')
    const loop = {
      command: process.execPath,
      args: [join(import.meta.dirname, 'peers', 'record-loop.ts'), server.url, String(PAGE)],
    }
    const ours: number[] = []
    const bare: number[] = []
    const wholes: number[] = []
    // The first turn warms up.
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const run of ['ours', 'bare'] as const) {
        const store = await storeWith('transfer.db', 1)
        await server.reset()
        const took = timeOnce(run === 'ours' ? ozgctl(['migration', 'run', file, '--json'], store) : loop)
        const { distinct, twice, firstAt, lastAt } = await server.stats()
        if (distinct !== RECORDS || twice !== 0)
          throw new Error(`${run}: ${distinct} records, ${twice} twice`)
        if (turn === 0) continue
        const rate = RECORDS / ((lastAt - firstAt) / 1000)
        if (run === 'bare') bare.push(rate)
        else {
          ours.push(rate)
          wholes.push(took)
        }
      }
    }
    const ratio = median(ours) / median(bare)
    const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString('en')}/s`
    return [
      {
        what: `copy ${RECORDS.toLocaleString('en')} records of 1 kB between two loopback collections`,
        ours: perSecond(median(ours)),
        peer: `bare undici loop: ${perSecond(median(bare))}`,
        figure: times(ratio),
        limit: '≥ 0.5',
        met: ratio >= 0.5,
      },
      {
        what: 'the whole command: copied, and the source read again to see that nothing has changed',
        ours: seconds(median(wholes)),
        peer: '',
        figure: `${Math.round(RECORDS / median(wholes)).toLocaleString('en')} records/s`,
        limit: '',
        met: undefined,
      },
    ]
  } finally {
    await server.stop()
  }
}

/** Ten times the records in the same memory. */
async function benchMemory(): Promise<Result> {
  const rss: number[] = []
  for (const records of [RECORDS / 10, RECORDS]) {
    const server = await startServer(records)
    try {
      const file = transfer(server.url, `memory-${records}`)
      rss.push(measure(['migration', 'run', file, '--json'], await storeWith('memory.db', 1)).rss)
    } finally {
      await server.stop()
    }
  }
  const [tenth = 1, whole = 1] = rss
  const ratio = whole / tenth
  return {
    what: `memory for ${RECORDS.toLocaleString('en')} records`,
    ours: `${Math.round(whole / 1e6)} MB`,
    peer: `a tenth of them: ${Math.round(tenth / 1e6)} MB`,
    figure: times(ratio),
    limit: '≤ 1.3',
    met: ratio <= 1.3,
  }
}

/** Killed behind a million records: how long until the first request of the resume. */
async function benchResume(): Promise<Result> {
  const server = await startServer(RECORDS + MORE)
  try {
    const store = await storeWith('resume.db', 1)
    const { command, args, env } = ozgctl(['migration', 'run', transfer(server.url, 'resume')], store)
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
    while ((await server.stats()).distinct < RECORDS) await pause(10)
    child.kill('SIGKILL')
    await once(child, 'close')
    const before = await server.stats()
    if (before.distinct >= RECORDS + MORE) throw new Error('it was faster than the bench')
    const begun = Date.now()
    const resumed = ozgctl(['migration', 'resume', '--json'], store)
    const second = spawn(resumed.command, resumed.args, {
      env: { ...process.env, ...resumed.env },
      stdio: 'ignore',
    })
    while ((await server.stats()).requests === before.requests) await pause(1)
    const took = (Date.now() - begun) / 1000
    const [code] = (await once(second, 'close')) as [number | null]
    const { distinct } = await server.stats()
    if (code !== 0 || distinct !== RECORDS + MORE)
      throw new Error(`resume: exit ${code}, ${distinct} records`)
    return {
      what: `resume of a run with ${RECORDS.toLocaleString('en')} finished records, to its first request`,
      ours: seconds(took),
      peer: 'process start included',
      figure: seconds(took),
      limit: '≤ 1 s',
      met: took <= 1,
    }
  } finally {
    await server.stop()
  }
}

async function benchChecks(): Promise<readonly Result[]> {
  const server = await startServer(1)
  try {
    const so = Array.from({ length: STEPS }, (_, at) => ({
      id: `step-${at}`,
      kind: 'http',
      check: { url: `${server.url}/check/\${tenant.slug}/${at}` },
      do: { method: 'PUT', url: `${server.url}/never` },
      undo: 'none',
    }))
    const file = writeMigration('checks', so)
    const count = TENANTS * STEPS
    const loop = {
      command: process.execPath,
      args: [join(import.meta.dirname, 'peers', 'request-loop.ts'), server.url, String(count), '16'],
    }
    const ours: number[] = []
    const bare: number[] = []
    for (let turn = 0; turn < TURNS; turn++) {
      const store = await storeWith('checks.db', TENANTS)
      await server.reset()
      ours.push(
        timeOnce(ozgctl(['migration', 'run', file, '--output', 'csv', '--out', data('checks.csv')], store)),
      )
      const { requests } = await server.stats()
      if (requests !== count) throw new Error(`${requests} requests for ${count} checks`)
      bare.push(timeOnce(loop))
    }
    const own = ((median(ours) - median(bare)) * 1000) / count
    return [
      {
        what: `${TENANTS.toLocaleString('en')} tenants × ${STEPS} steps that are so already`,
        ours: seconds(median(ours)),
        peer: `the same requests alone: ${seconds(median(bare))}`,
        figure: `${own.toFixed(3)} ms each`,
        limit: '≤ 1 ms',
        met: own <= 1,
      },
    ]
  } finally {
    await server.stop()
  }
}
