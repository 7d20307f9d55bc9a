import { OzgctlError, unreachable } from '../../errors.ts'
import { within } from '../../http/deadline.ts'
import type {
  AdoptWrite,
  CreateWrite,
  Kept,
  NetworkWrite,
  Place,
  PortalCapabilities,
  PortalDriver,
  PortalWrite,
  UpdateWrite,
  WriteOutcome,
} from '../driver.ts'
import type { Network, Tenant } from '../model.ts'
import { versionOf } from '../version.ts'
import { ALL_ACCOUNTS, ALL_ORGANIZATIONS, accountAt, organizationAt } from './addresses.ts'
import { importOrganizations } from './batch.ts'
import { deleteTenant } from './delete.ts'
import { placeOf, type TenantPlace } from './layouts.ts'
import {
  hasRegionKey,
  markOf,
  toAccount,
  toAdopted,
  toNetwork,
  toOrganization,
  toTenant,
  writtenBy,
} from './mapping.ts'
import { readPages } from './pages.ts'
import { ParentChain, parentOf } from './parents.ts'
import { lookUp, readOne } from './resources.ts'
import { sendWrite } from './send.ts'
import type { LiferaySession } from './session.ts'
import { CONFLICT, DONE, isRefusal, outcomeOf, REPEATED, refused } from './settle.ts'
import type { Account, Layout, Organization } from './types.ts'

export interface LiferayOptions {
  readonly session: LiferaySession
  readonly layout: Layout
  /** Key of a site initializer for new sites. */
  readonly siteTemplate?: string | undefined
  /** Whether new tenants are imported in large batches; in layout `organization` only. */
  readonly batchImport: boolean
  /** How long a write can take with all its requests, in milliseconds. */
  readonly deadlineMs: number
  /** Waits between questions about an import. */
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Name of a region by its key. */
  readonly regionName: (ars: string) => Promise<string>
  /** Who writes, e.g. `marta@pc1`. */
  readonly by: string
}

const IMPORT_BATCH = 500
const MOST_REQUESTS = 256
/** An import that gets on is waited for so many deadlines. */
const LONGEST_IMPORT = 15

/**
 * A portal built on Liferay, by its headless REST APIs. A tenant is an organization with the register key as external
 * reference code, below those of its county and Land, with its settings in custom fields; a network is an account.
 *
 * Liferay has no conditional writes: each write reads first and compares the version, which leaves the moment between
 * the two. Its content hash is written last, with the organization: a tenant whose organization is as wanted has
 * everything else, too.
 */
export class LiferayPortal implements PortalDriver {
  readonly portal: string
  readonly capabilities: PortalCapabilities
  readonly #session: LiferaySession
  readonly #options: LiferayOptions
  readonly #place: TenantPlace
  readonly #parents: ParentChain

  constructor(options: LiferayOptions) {
    const { session, layout, siteTemplate, batchImport, regionName, by } = options
    this.#options = options
    this.#session = session
    this.portal = session.portal
    this.#place = placeOf(layout, session, siteTemplate)
    this.#parents = new ParentChain(session, regionName, by)
    const isBatch = batchImport && layout === 'organization'
    this.capabilities = {
      batch: isBatch ? IMPORT_BATCH : 1,
      concurrency: isBatch ? 2 : MOST_REQUESTS,
      // An organization can get another external reference code, a site cannot.
      move: layout !== 'site',
      parentsFirst: true,
    }
  }

  async networks(): Promise<readonly Kept<Network>[]> {
    const found: Kept<Network>[] = []
    for await (const page of readPages(this.#session, ALL_ACCOUNTS))
      for (const account of page)
        if (markOf(account) === 'network') found.push(kept(account, toNetwork(account)))
    return found
  }

  async *list(): AsyncGenerator<readonly Kept<Tenant>[]> {
    for await (const page of readPages(this.#session, ALL_ORGANIZATIONS))
      yield page.filter(isTenant).map((organization) => kept(organization, toTenant(organization)))
  }

  async get(ars: string): Promise<Kept<Tenant> | undefined> {
    const found = await readOne(this.#session, organizationAt(ars))
    return found === undefined || !isTenant(found) ? undefined : kept(found, toTenant(found))
  }

  places(tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Place>> {
    return this.#place.read(tenants)
  }

  async write(batch: readonly PortalWrite[], signal?: AbortSignal): Promise<readonly WriteOutcome[]> {
    const creates = batch.filter((write) => write.kind === 'create')
    if (this.capabilities.batch > 1 && creates.length > 1) return this.#writeMany(batch, creates, signal)
    const outcomes: WriteOutcome[] = []
    for (const write of batch) outcomes.push(await this.#writeOne(write, signal))
    return outcomes
  }

  async close(): Promise<void> {
    await this.#session.close()
  }

  /** New tenants in one import; what it did not take, and all else, one by one. */
  async #writeMany(
    batch: readonly PortalWrite[],
    creates: readonly CreateWrite[],
    signal?: AbortSignal,
  ): Promise<readonly WriteOutcome[]> {
    const { by } = this.#options
    const imported = new Map<PortalWrite, WriteOutcome>()
    await within(this.#options.deadlineMs, signal, async (limited) => {
      try {
        await this.#parents.ensureAboveAll(
          creates.map(({ tenant }) => tenant.ars),
          (organizations) => this.#importStructure(organizations, limited),
          limited,
        )
        const bodies = creates.map(({ tenant, key }) =>
          toOrganization(tenant, parentOf(tenant.ars), { key, by }),
        )
        const keys = creates.map(({ key }) => key)
        const outcomes = await this.#import(bodies, keys, limited)
        creates.forEach((write, at) => {
          imported.set(write, outcomes[at] ?? { kind: 'unknown', reason: 'the import says nothing about it' })
        })
      } catch (error) {
        const outcome = outcomeOf(error)
        for (const write of creates) imported.set(write, outcome)
      }
    })
    const outcomes: WriteOutcome[] = []
    for (const write of batch) {
      const outcome = imported.get(write)
      // Something is there already: perhaps our own.
      const again = outcome === undefined || outcome.kind === 'refused' || outcome.kind === 'conflict'
      outcomes.push(again ? await this.#writeAfterImport(write, signal) : outcome)
    }
    return outcomes
  }

  /** Others of the batch are done by now: what keeps this one from it must not hide that. */
  async #writeAfterImport(write: PortalWrite, signal?: AbortSignal): Promise<WriteOutcome> {
    try {
      return await this.#writeOne(write, signal)
    } catch (error) {
      if (!(error instanceof OzgctlError)) throw error
      return { kind: 'unknown', reason: error.message }
    }
  }

  #import(
    organizations: readonly Organization[],
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly WriteOutcome[]> {
    const { deadlineMs, sleep } = this.#options
    // Half of it, so that what an endless task leaves open can be done singly in the other half.
    const patience = { idleMs: deadlineMs / 2, wholeMs: LONGEST_IMPORT * deadlineMs, sleep }
    return importOrganizations(this.#session, organizations, keys, signal, patience)
  }

  /** Regions that only hold tenants together; whether each was made now. */
  async #importStructure(
    organizations: readonly Organization[],
    signal: AbortSignal,
  ): Promise<readonly boolean[]> {
    const keys = organizations.map(({ externalReferenceCode = '' }) => externalReferenceCode)
    const made: boolean[] = []
    for (let from = 0; from < organizations.length; from += IMPORT_BATCH) {
      const several = organizations.slice(from, from + IMPORT_BATCH)
      const codes = ['structure', ...keys.slice(from, from + IMPORT_BATCH)]
      const outcomes = await this.#import(several, codes, signal)
      made.push(...outcomes.map(({ kind }) => kind === 'done'))
    }
    return made
  }

  async #writeOne(write: PortalWrite, signal?: AbortSignal): Promise<WriteOutcome> {
    return within(this.#options.deadlineMs, signal, async (limited) => {
      try {
        return await this.#put(write, limited)
      } catch (error) {
        return outcomeOf(error)
      }
    })
  }

  async #put(write: PortalWrite, signal: AbortSignal): Promise<WriteOutcome> {
    switch (write.kind) {
      case 'network':
        return this.#putNetwork(write, signal)
      case 'create':
        return this.#create(write, signal)
      case 'update':
      case 'suspend':
        return this.#update(write, signal)
      case 'adopt':
        return this.#adopt(write, signal)
      case 'delete':
        return deleteTenant(
          { session: this.#session, place: this.#place, list: () => this.list() },
          write,
          signal,
        )
      default:
        return unreachable(write)
    }
  }

  async #putNetwork({ network, expected, key }: NetworkWrite, signal: AbortSignal): Promise<WriteOutcome> {
    const address = accountAt(network.account)
    const found = await lookUp(this.#session, address, signal)
    if (found !== undefined && writtenBy(found).key === key) return REPEATED
    const version = found === undefined || markOf(found) !== 'network' ? null : versionOf(toNetwork(found))
    if (version !== expected) return CONFLICT
    // An account of this name that is none of ours is not taken over.
    if (found !== undefined && version === null) return CONFLICT
    const body = toAccount(network, { key, by: this.#options.by })
    await sendWrite(this.#session, found === undefined ? 'PUT' : 'PATCH', address, body, signal)
    return DONE
  }

  async #create({ tenant, key }: CreateWrite, signal: AbortSignal): Promise<WriteOutcome> {
    const found = await this.#find(tenant.ars, signal)
    const mark = found === undefined ? undefined : markOf(found)
    if (found !== undefined && mark !== 'structure') {
      if (mark !== 'tenant' || writtenBy(found).key !== key) return CONFLICT
      await this.#place.put(tenant, undefined, signal)
      return REPEATED
    }
    await this.#parents.ensureAbove(tenant.ars, signal)
    await this.#place.put(tenant, undefined, signal)
    const body = toOrganization(tenant, parentOf(tenant.ars), { key, by: this.#options.by })
    // A region that held others together keeps what people have put there.
    const method = found === undefined ? 'PUT' : 'PATCH'
    await sendWrite(this.#session, method, organizationAt(tenant.ars), body, signal)
    this.#parents.add(tenant.ars)
    return DONE
  }

  async #update(write: UpdateWrite, signal: AbortSignal): Promise<WriteOutcome> {
    const { ars, expected, tenant, key } = write
    if (tenant.ars !== ars) return this.#move(write, signal)
    const found = await this.#find(ars, signal)
    if (found === undefined || markOf(found) !== 'tenant') return CONFLICT
    const former = toTenant(found)
    if (writtenBy(found).key === key) {
      // Its place may have been lost since, and this be the write that makes it again.
      await this.#place.put(tenant, former, signal)
      return REPEATED
    }
    if (versionOf(former) !== expected) return CONFLICT
    // Only what is ours: other fields of the organization stay as they are.
    const body = toOrganization(tenant, undefined, { key, by: this.#options.by })
    await this.#change(tenant, former, body, signal)
    return DONE
  }

  /** The place, then the organization: where that is refused, the place is as before. @returns what there is now */
  async #change(
    tenant: Tenant,
    former: Tenant,
    body: Organization,
    signal: AbortSignal,
  ): Promise<Organization> {
    await this.#place.put(tenant, former, signal)
    try {
      return await sendWrite(this.#session, 'PATCH', organizationAt(former.ars), body, signal)
    } catch (error) {
      if (isRefusal(error)) await this.#place.put(former, tenant, signal)
      throw error
    }
  }

  /** One request, so that there is no moment with half of it: the key, the place below the new region, the fields. */
  async #move({ ars, expected, tenant, key }: UpdateWrite, signal: AbortSignal): Promise<WriteOutcome> {
    if (!this.capabilities.move) return refused('Liferay cannot give a site another key')
    const there = await this.#find(tenant.ars, signal)
    if (there !== undefined)
      return writtenBy(there).key === key
        ? REPEATED
        : refused(`there is an organization ${tenant.ars} already`)
    const found = await this.#find(ars, signal)
    if (found === undefined || markOf(found) !== 'tenant') return CONFLICT
    const former = toTenant(found)
    if (versionOf(former) !== expected) return CONFLICT
    await this.#parents.ensureAbove(tenant.ars, signal)
    const { by } = this.#options
    const body = toOrganization(tenant, parentOf(tenant.ars), { key, by })
    const { externalReferenceCode } = await this.#change(tenant, former, body, signal)
    if (externalReferenceCode === tenant.ars) return DONE
    // It took the fields and not the key: they must not say what is not so.
    const restored = toOrganization(former, parentOf(ars), { key: `${key}-back`, by })
    await this.#change(former, { ...tenant, ars }, restored, signal)
    return refused('this version of Liferay does not give an organization another key')
  }

  async #adopt({ ars, expected, key }: AdoptWrite, signal: AbortSignal): Promise<WriteOutcome> {
    const found = await this.#find(ars, signal)
    if (found === undefined) return CONFLICT
    if (markOf(found) === 'tenant') return REPEATED
    const tenant = toTenant(found)
    if (versionOf(tenant) !== expected) return CONFLICT
    const body = toAdopted(tenant, { key, by: this.#options.by })
    await sendWrite(this.#session, 'PATCH', organizationAt(ars), body, signal)
    return DONE
  }

  #find(ars: string, signal: AbortSignal): Promise<Organization | undefined> {
    return lookUp(this.#session, organizationAt(ars), signal)
  }
}

const isTenant = (organization: Organization): boolean =>
  hasRegionKey(organization) && markOf(organization) !== 'structure'

function kept<T>(resource: Organization | Account, value: T): Kept<T> {
  const { hash, by } = writtenBy(resource)
  const managed = markOf(resource) !== 'none'
  const version = versionOf(value)
  return {
    value,
    version,
    changedAt: resource.dateModified ?? null,
    changedBy: by,
    managed,
    changedOutside: managed && hash !== version,
  }
}
