import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Context } from '../../src/lib/context.ts'
import { type Definition, readDefinition } from '../../src/lib/migration/definition.ts'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import {
  type MigrationPlace,
  type MigrationWork,
  resumeMigration,
  runMigration,
} from '../../src/lib/migration/runs.ts'
import { type MigrationStatus, statusOf } from '../../src/lib/migration/status.ts'
import { LocalPortal } from '../../src/lib/portal/local.ts'
import type { Network, Tenant } from '../../src/lib/portal/model.ts'
import { openStore, type Store } from '../../src/lib/store/sqlite.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import { temporaryFolder } from './folder.ts'
import { steppingContext } from './journal.ts'

/** The death of a process, as the code in it sees it. */
export class Death extends Error {
  override readonly name = 'Death'
}

/** A store whose process dies at one of its durable writes: before it or after it, and from then on nothing is written. */
export interface MortalStore extends Store {
  /** Durable writes so far. */
  readonly writes: () => number
  /** Dies at this one. */
  readonly dieAt: (write: number, moment: 'before' | 'after') => void
  readonly kill: () => void
}

async function mortalStore(path: string): Promise<MortalStore> {
  const { db, now, close } = await openStore(path)
  let writes = 0
  let death: { write: number; moment: 'before' | 'after' } | undefined
  let isDead = false
  const exec = (sql: string): void => {
    if (isDead) throw new Death('dead')
    if (sql === 'COMMIT') writes++
    const isEnd = sql === 'COMMIT' && writes === death?.write
    db.exec(isEnd && death?.moment === 'before' ? 'ROLLBACK' : sql)
    if (!isEnd) return
    isDead = true
    throw new Death(`at write ${writes}`)
  }
  const proxy = new Proxy(db, {
    get: (target, name) => {
      if (name === 'exec') return exec
      if (name === 'prepare')
        return (sql: string) => {
          if (isDead) throw new Death('dead')
          return target.prepare(sql)
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    db: proxy,
    now,
    path,
    close,
    writes: () => writes,
    dieAt: (write, moment) => {
      death = { write, moment }
    },
    kill: () => {
      isDead = true
    },
  }
}

/** A folder with a store and tenants, in which processes run one after another. */
export interface MigrationWorld {
  readonly folder: string
  readonly path: string
  /** A new process on the same store. */
  process(more?: Partial<Context>): Promise<Process>
}

export interface Process {
  readonly store: MortalStore
  readonly context: ReturnType<typeof steppingContext>
  readonly portal: LocalPortal
  run(
    definition: Definition | string,
    more?: Partial<MigrationPlace> & Partial<RunMore>,
  ): Promise<MigrationStatus>
  resume(more?: Partial<ResumeMore>): Promise<MigrationStatus>
  status(id?: string): Promise<MigrationStatus>
  tenants(): Promise<readonly Tenant[]>
  end(): void
}

interface RunMore {
  readonly atLeastOnce: boolean
  readonly work: Partial<MigrationWork>
}

interface ResumeMore {
  readonly id: string
  readonly selection: 'open' | 'failed'
  readonly approvals: readonly string[]
  readonly settlements: ReadonlyMap<string, 'done' | 'again'>
  readonly budget: Definition['budget']
  readonly work: Partial<MigrationWork>
}

export const NETWORK: Network = { account: 'lkos', name: 'Landkreis', anchor: '03459', sharing: null }

export function tenant(number: number, more: Partial<Tenant> = {}): Tenant {
  const three = String(number).padStart(3, '0')
  return {
    ars: `034595402${three}`,
    account: 'lkos',
    slug: `s${three}`,
    name: `Gemeinde ${number}`,
    hosts: [`s${three}.example.de`],
    modules: [],
    connectors: [],
    contact: null,
    imprintUrl: null,
    privacyUrl: null,
    accessibilityUrl: null,
    state: 'active',
    ...more,
  }
}

/** @param tenants how many, or which */
export async function migrationWorld(
  tenants: number | readonly Tenant[],
  network: Network = NETWORK,
): Promise<MigrationWorld> {
  const folder = temporaryFolder()
  const path = join(folder, 'ozgctl.db')
  const store = await openStore(path)
  const context = steppingContext()
  const portal = new LocalPortal(store, 'local', context)
  const wanted =
    typeof tenants === 'number' ? Array.from({ length: tenants }, (_, at) => tenant(at + 1)) : tenants
  await portal.write([{ kind: 'network', network, expected: null, key: 'network' }])
  const outcomes = await portal.write(
    wanted.map((one) => ({ kind: 'create', tenant: one, key: `create ${one.ars}` }) as const),
  )
  if (outcomes.some(({ kind }) => kind !== 'done')) throw new Error('the tenants were not made')
  store.close()
  let uptime = context.uptime()
  return {
    folder,
    path,
    process: async (more = {}) => {
      const mortal = await mortalStore(path)
      const stepping = steppingContext(more)
      // The machine goes on where the process before ended.
      stepping.advance(uptime - stepping.uptime())
      const local = new LocalPortal(mortal, 'local', stepping)
      onTestFinished(() => {
        try {
          mortal.close()
        } catch {
          // The test has closed it.
        }
      })
      const work = (own: Partial<MigrationWork> = {}): MigrationWork => ({
        leaseMs: 60_000,
        waitMs: 0,
        ...own,
      })
      const status = async (id = 'latest'): Promise<MigrationStatus> =>
        statusOf(mortal, stepping, (await findMigrationRun(mortal, id)).id)
      return {
        store: mortal,
        context: stepping,
        portal: local,
        status,
        run: async (definition, { atLeastOnce = false, work: own, ...place } = {}) => {
          const read = typeof definition === 'string' ? await definitionFrom(definition) : definition
          const where = {
            definition: read,
            portal: 'local',
            folder,
            data: [],
            selection: EVERYTHING,
            ...place,
          }
          const { run } = await runMigration(stepping, mortal, where, { ...work(own), atLeastOnce })
          return status(run.id)
        },
        resume: async ({
          id = 'latest',
          selection = 'open',
          approvals = [],
          settlements = new Map(),
          budget,
          work: own,
        } = {}) => {
          const found = await findMigrationRun(mortal, id)
          const how = { selection, approvals, settlements, budget }
          await resumeMigration(stepping, mortal, found, how, work(own))
          return status(found.id)
        },
        tenants: async () => {
          const all: Tenant[] = []
          for await (const page of local.list()) all.push(...page.map(({ value }) => value))
          return all
        },
        end: () => {
          // Until its leases are over.
          uptime = stepping.uptime() + 60_001
          mortal.close()
        },
      }
    },
  }
}

const HEAD = 'title: T\nreason: R\nauthor: A\n'

/** A migration from its text; title, reason and author need not be written. */
export async function definitionFrom(text: string): Promise<Definition> {
  const head = /^title:/m.test(text) ? '' : HEAD
  const id = /^id:/m.test(text) ? '' : 'id: m\n'
  return readDefinition({ file: 'm.yaml', text: `${id}${head}${text}` })
}

/** Writes a manifest beside the migrations of a world. */
export function writeManifest(folder: string, text: string, name = 'network.yaml'): void {
  writeFileSync(join(folder, name), text)
}

/** What people read in the end of each tenant. */
export const outcomeOf = ({ tenants }: MigrationStatus): readonly string[] =>
  tenants.map(
    ({ ars, state, steps }) => `${ars.slice(-3)} ${state}: ${steps.map(({ state: one }) => one).join(' ')}`,
  )
