import type { Network, Tenant } from './model.ts'

/**
 * What ozgctl needs of a portal. The embedded `local` portal is one transaction away; a remote one answers
 * late, in pages, or not at all. The interface is cut for the remote one: whoever writes against it needs no
 * second path.
 */
export interface PortalDriver {
  /** As manifests name it. */
  readonly portal: string
  readonly capabilities: PortalCapabilities

  /**
   * All networks: a handful, so one answer. With Liferay these are accounts, found by external reference
   * code.
   */
  networks(): Promise<readonly Kept<Network>[]>

  /**
   * All tenants by key, one page after another as the portal delivers them: ten thousand need not be in
   * memory at once, and the first page can be worked on while the second is on its way.
   *
   * A list may lag behind: a portal answers it from a search index. What is decided by it is therefore
   * checked again by the write, see `expected`.
   */
  list(): AsyncIterable<readonly Kept<Tenant>[]>

  /**
   * One tenant by its key (ARS, the external reference code), or undefined. Unlike `list` it sees every write
   * that has been answered: this is how to find out what became of a write without an answer.
   */
  get(ars: string): Promise<Kept<Tenant> | undefined>

  /**
   * The places of tenants by key, compared with what these tenants say. Somebody can remove a place, or change it,
   * without touching the entry. Empty where tenants have nothing besides.
   */
  places(tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Place>>

  /**
   * Does a batch of at most `capabilities.batch` writes and says what became of each, in the same order.
   *
   * Writes are data and not one method each, because a journal stores them before they are sent and sends the
   * very same ones again, and because a batch import takes many of them in one request. A batch is no
   * transaction: some writes may fail and the others be done. Names (slug, host) that one write of a batch
   * gives up are free for another.
   *
   * Rejects only when nothing of the batch can have been done and no other write will fare better, e.g. without
   * valid credentials; otherwise the outcomes say so.
   * @param signal aborted when the caller gives up; what is not sent yet is not sent any more
   */
  write(batch: readonly PortalWrite[], signal?: AbortSignal): Promise<readonly WriteOutcome[]>

  /** Gives back connections. */
  close(): Promise<void>
}

/** What portals can and cannot do; found out by the driver, not guessed by its callers. */
export interface PortalCapabilities {
  /** The most writes that one call of `write` takes. */
  readonly batch: number
  /** The most calls of `write` at once that make sense. */
  readonly concurrency: number
  /**
   * Whether a tenant can get another key and stay the same tenant. Where not, a move is refused, never
   * imitated.
   */
  readonly move: boolean
  /** Whether a region must be there before those in it. */
  readonly parentsFirst: boolean
}

/** Something in the portal with the version it has there. */
export interface Kept<T> {
  readonly value: T
  /** Opaque. Equal versions mean equal content. */
  readonly version: string
  readonly changedAt: string | null
  readonly changedBy: string | null
  /** Whether ozgctl manages it. What it does not manage, it never changes. */
  readonly managed: boolean
  /** Whether somebody else changed it since ozgctl wrote it. */
  readonly changedOutside: boolean
}

/** All that a portal has. */
export interface PortalState {
  readonly networks: readonly Kept<Network>[]
  readonly tenants: readonly Kept<Tenant>[]
  /** By key, of the tenants that were looked at so closely. */
  readonly places?: ReadonlyMap<string, Place> | undefined
}

/**
 * One change to the portal. Each carries the whole thing as it is to be and never a patch: sending it twice
 * leaves the same, and what is read back can be compared with it.
 */
export type PortalWrite = NetworkWrite | CreateWrite | UpdateWrite | AdoptWrite | DeleteWrite

interface WriteBase {
  /** The same for every attempt of the same write, other for every other. A portal does a key once. */
  readonly key: string
}

/**
 * Creates or changes a network. An upsert, because an account is addressed by its external reference code.
 */
export interface NetworkWrite extends WriteBase {
  readonly kind: 'network'
  readonly network: Network
  /** The version that was read, null when there was none. */
  readonly expected: string | null
}

/** Apart from `update`: it may only succeed where there is no tenant of this key. */
export interface CreateWrite extends WriteBase {
  readonly kind: 'create'
  readonly tenant: Tenant
}

/**
 * Changes a tenant to what `tenant` says; where its key differs from `ars`, the tenant moves to the new key.
 * `suspend` is an update whose tenant is suspended afterwards: a portal takes it off the web by a request of
 * its own, which may need other rights, and guards count it.
 */
export interface UpdateWrite extends WriteBase {
  readonly kind: 'update' | 'suspend'
  readonly ars: string
  /** The version that was read: what somebody else changed in between is not overwritten. */
  readonly expected: string
  readonly tenant: Tenant
}

/** Takes a tenant that ozgctl does not manage under management and changes nothing else of it. */
export interface AdoptWrite extends WriteBase {
  readonly kind: 'adopt'
  readonly ars: string
  readonly expected: string
}

/**
 * Removes a tenant for good, with its place. Only the version that somebody looked at, and only when nothing stands in
 * the way: a refusal leaves all of it.
 */
export interface DeleteWrite extends WriteBase {
  readonly kind: 'delete'
  /** As it was looked at: what is left of it after a delete that was cut off is found by it. */
  readonly tenant: Tenant
  readonly expected: string
}

/** What a tenant has in a portal besides its entry in the list: with Liferay a site or a virtual instance. */
export interface Place {
  readonly exists: boolean
  /** Where it is not as the entry of the tenant says. */
  readonly differences: readonly PlaceDifference[]
}

export interface PlaceDifference {
  /** As people name it, e.g. `site`. */
  readonly field: string
  /** null where there is nothing. */
  readonly present: string | null
  readonly wanted: string
}

export type WriteOutcome =
  /** It is as wanted now; `repeated` when this key had been done before. */
  | { readonly kind: 'done'; readonly repeated: boolean }
  /**
   * The portal has another version than expected, or something where nothing was expected, or nothing. `reason` is in
   * the portal's own words, where it is the one that says so.
   */
  | { readonly kind: 'conflict'; readonly reason?: string | undefined }
  /** The portal will not do it, now or later; the reason is for people. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not done, but it may work later, with the very same write: too many requests, nobody listens. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null }
  /** It may have been done or not: read back before anything is sent again. */
  | { readonly kind: 'unknown'; readonly reason: string }
