import { hash } from 'node:crypto'
import { unreachable } from '../errors.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import type {
  Kept,
  NetworkWrite,
  Place,
  PortalCapabilities,
  PortalDriver,
  PortalWrite,
  UpdateWrite,
  WriteOutcome,
} from './driver.ts'
import type { Network, Tenant } from './model.ts'
import { networkDocument, tenantDocument, toNetwork, toTenant } from './tenant-store.ts'

const PAGE = 1000

/** Who writes and when, for `changed_by` and `changed_at`. */
export interface Writer {
  readonly actor: string
  readonly host: string
  now(): Date
}

/**
 * The portal that lives in the store.
 *
 * A batch is one transaction. One for a whole apply would let everybody else wait for it and could not be
 * stopped half-way; one for each tenant would pay an fsync each, ten thousand of them. So
 * another process waits for milliseconds, a kill leaves whole batches, and no tenant is ever half.
 */
export class LocalPortal implements PortalDriver {
  readonly capabilities: PortalCapabilities = { batch: 500, concurrency: 1, move: true, parentsFirst: false }
  readonly portal: string
  readonly #db: Store['db']
  readonly #writer: Writer

  constructor(store: Store, portal: string, writer: Writer) {
    this.portal = portal
    this.#db = store.db
    this.#writer = writer
  }

  async networks(): Promise<readonly Kept<Network>[]> {
    return this.#db
      .prepare('SELECT * FROM network WHERE portal = ? ORDER BY account')
      .all(this.portal)
      .map((row) => kept(row, toNetwork(String(row.account), String(row.document)), networkVersion))
  }

  /** Page by page without a transaction around them: nobody waits for a reader who is slow. */
  async *list(): AsyncGenerator<readonly Kept<Tenant>[]> {
    const select = this.#db.prepare('SELECT * FROM tenant WHERE portal = ? AND ars > ? ORDER BY ars LIMIT ?')
    for (let after = ''; ; ) {
      const page = select.all(this.portal, after, PAGE).map((row) => kept(row, toTenant(row), tenantVersion))
      if (page.length > 0) yield page
      after = page.at(-1)?.value.ars ?? ''
      if (page.length < PAGE) return
    }
  }

  async get(ars: string): Promise<Kept<Tenant> | undefined> {
    return this.#find(ars)?.tenant
  }

  /** A tenant is an entry here and nothing else. */
  async places(): Promise<ReadonlyMap<string, Place>> {
    return new Map()
  }

  async write(batch: readonly PortalWrite[]): Promise<readonly WriteOutcome[]> {
    return transaction(this.#db, () => {
      const refused = new Map<PortalWrite, WriteOutcome>()
      for (;;) {
        this.#db.exec('SAVEPOINT batch')
        const outcomes = batch.map((write) => refused.get(write) ?? this.#one(write))
        const taken = this.#namesTwice()
        this.#db.exec(taken.length === 0 ? 'RELEASE batch' : 'ROLLBACK TO batch')
        if (taken.length === 0) return outcomes
        const allowed = batch.filter((write) => !refused.has(write))
        const claimants = this.#claimants(allowed, taken)
        if (claimants.length === 0) throw new Error(`names of two tenants: ${taken.join(', ')}`)
        for (const [write, name] of claimants)
          refused.set(write, { kind: 'refused', reason: `another tenant has the ${name.replace('/', ' ')}` })
      }
    })
  }

  async close(): Promise<void> {
    // The store belongs to the caller.
  }

  #one(write: PortalWrite): WriteOutcome {
    switch (write.kind) {
      case 'network':
        return this.#putNetwork(write)
      case 'create': {
        const found = this.#find(write.tenant.ars)
        if (found !== undefined) return found.key === write.key ? REPEATED : CONFLICT
        this.#insert(write.tenant, write.key)
        return DONE
      }
      case 'update':
      case 'suspend':
        return this.#update(write)
      case 'adopt':
        return this.#find(write.ars)?.tenant.version === write.expected ? REPEATED : CONFLICT
      case 'delete': {
        const { ars } = write.tenant
        const found = this.#find(ars)
        // Nothing there is what a delete wants, whoever did it.
        if (found === undefined) return REPEATED
        if (found.tenant.version !== write.expected) return CONFLICT
        this.#remove(ars)
        return DONE
      }
      default:
        return unreachable(write)
    }
  }

  #putNetwork({ network, expected, key }: NetworkWrite): WriteOutcome {
    const { account } = network
    const row = this.#db
      .prepare('SELECT * FROM network WHERE portal = ? AND account = ?')
      .get(this.portal, account)
    const version = row === undefined ? null : networkVersion(toNetwork(account, String(row.document)))
    if (row?.write_key === key) return REPEATED
    if (version !== expected) return CONFLICT
    this.#db
      .prepare(
        `INSERT INTO network (portal, account, document, write_key, changed_at, changed_by)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (portal, account) DO UPDATE SET document = excluded.document,
         write_key = excluded.write_key, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
      )
      .run(this.portal, account, networkDocument(network), key, ...this.#stamp())
    return DONE
  }

  #update({ ars, expected, tenant, key }: UpdateWrite): WriteOutcome {
    const moved = tenant.ars === ars ? undefined : this.#find(tenant.ars)
    if (moved !== undefined) return moved.key === key ? REPEATED : CONFLICT
    const found = this.#find(ars)
    if (found?.key === key) return REPEATED
    if (found === undefined || found.tenant.version !== expected) return CONFLICT
    this.#remove(ars)
    this.#insert(tenant, key)
    return DONE
  }

  #find(ars: string): { readonly tenant: Kept<Tenant>; readonly key: string } | undefined {
    const row = this.#db.prepare('SELECT * FROM tenant WHERE portal = ? AND ars = ?').get(this.portal, ars)
    return row === undefined
      ? undefined
      : { tenant: kept(row, toTenant(row), tenantVersion), key: String(row.write_key) }
  }

  #insert(tenant: Tenant, key: string): void {
    this.#db
      .prepare(
        `INSERT INTO tenant (portal, ars, account, document, write_key, changed_at, changed_by)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(this.portal, tenant.ars, tenant.account, tenantDocument(tenant), key, ...this.#stamp())
    const name = this.#db.prepare('INSERT INTO tenant_name (portal, name, ars) VALUES (?, ?, ?)')
    for (const text of namesOf(tenant)) name.run(this.portal, text, tenant.ars)
  }

  #remove(ars: string): void {
    this.#db.prepare('DELETE FROM tenant WHERE portal = ? AND ars = ?').run(this.portal, ars)
    this.#db.prepare('DELETE FROM tenant_name WHERE portal = ? AND ars = ?').run(this.portal, ars)
  }

  #stamp(): readonly [string, string] {
    return [this.#writer.now().toISOString(), `${this.#writer.actor}@${this.#writer.host}`]
  }

  #namesTwice(): readonly string[] {
    return this.#db
      .prepare('SELECT name FROM tenant_name WHERE portal = ? GROUP BY name HAVING count(*) > 1')
      .all(this.portal)
      .map((row) => String(row.name))
  }

  /** The writes that want a name which is taken, other than the one of the tenant that has it. */
  #claimants(
    batch: readonly PortalWrite[],
    taken: readonly string[],
  ): readonly (readonly [PortalWrite, string])[] {
    const owns = this.#db.prepare('SELECT 1 FROM tenant_name WHERE portal = ? AND name = ? AND ars = ?')
    return batch.flatMap((write) => {
      if (!('tenant' in write) || write.kind === 'delete') return []
      const ars = write.kind === 'create' ? write.tenant.ars : write.ars
      const name = namesOf(write.tenant).find(
        (text) => taken.includes(text) && owns.get(this.portal, text, ars) === undefined,
      )
      return name === undefined ? [] : [[write, name] as const]
    })
  }
}

const DONE = { kind: 'done', repeated: false } as const
const REPEATED = { kind: 'done', repeated: true } as const
const CONFLICT = { kind: 'conflict' } as const

const namesOf = ({ slug, hosts }: Tenant): readonly string[] => [
  `slug/${slug}`,
  ...hosts.map((host) => `host/${host}`),
]

function kept<T>(row: Readonly<Record<string, unknown>>, value: T, version: (value: T) => string): Kept<T> {
  return {
    value,
    version: version(value),
    changedAt: String(row.changed_at),
    changedBy: String(row.changed_by),
    // Nobody else writes here.
    managed: true,
    changedOutside: false,
  }
}

// The content is its own version: a change and a change back leave what somebody looked at.
const tenantVersion = (tenant: Tenant): string =>
  digest(`${tenant.ars}\n${tenant.account}\n${tenantDocument(tenant)}`)
const networkVersion = (network: Network): string => digest(`${network.account}\n${networkDocument(network)}`)
const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, 32)
