import { accountIn, importTaskIn, instanceIn, organizationIn, siteIn } from './parse.ts'
import type { Account, ImportTask, Organization, PortalInstance, Site } from './types.ts'

/** The APIs that are used; which of them a Liferay has depends on its version. */
const API = {
  user: '/o/headless-admin-user/v1.0',
  site: '/o/headless-site/v1.0',
  instance: '/o/headless-portal-instances/v1.0',
  batch: '/o/headless-batch-engine/v1.0',
} as const

const ORGANIZATIONS = `${API.user}/organizations`
const ACCOUNTS = `${API.user}/accounts`
export const SITES = `${API.site}/sites`
export const INSTANCES = `${API.instance}/portal-instances`
export const TASKS = `${API.batch}/import-task`

/** Where one resource is, how it is read, and by which of its fields it is known to be the one that was asked for. */
export interface Address<T> {
  readonly path: string
  readonly name: string
  readonly read: (json: object) => T
  readonly nameOf: (resource: T) => string | undefined
}

/** A list of resources and how they are read. */
export interface List<T> {
  readonly path: string
  /** As people call them. */
  readonly what: string
  /** Whether it can be asked for in the order of its ids, from either end. */
  readonly isSorted: boolean
  readonly read: (json: object) => T
}

/** Without `flatten` Liferay lists only organizations that have none above them. */
export const ALL_ORGANIZATIONS: List<Organization> = {
  path: `${ORGANIZATIONS}?flatten=true`,
  what: 'organizations',
  isSorted: true,
  read: organizationIn,
}
export const ALL_ACCOUNTS: List<Account> = {
  path: ACCOUNTS,
  what: 'accounts',
  isSorted: false,
  read: accountIn,
}

interface Coded {
  readonly externalReferenceCode?: string
}

function byCode<T extends Coded>(collection: string, code: string, read: (json: object) => T): Address<T> {
  const path = `${collection}/by-external-reference-code/${encodeURIComponent(code)}`
  return { path, name: code, read, nameOf: ({ externalReferenceCode }) => externalReferenceCode }
}

export const organizationAt = (ars: string): Address<Organization> =>
  byCode(ORGANIZATIONS, ars, organizationIn)
export const accountAt = (code: string): Address<Account> => byCode(ACCOUNTS, code, accountIn)
export const siteAt = (ars: string): Address<Site> => byCode(SITES, ars, siteIn)
export const taskAt = (code: string): Address<ImportTask> => byCode(TASKS, code, importTaskIn)

/** Virtual instances have no external reference code: their id is what they are found by. */
export const instanceAt = (slug: string): Address<PortalInstance> => ({
  path: `${INSTANCES}/${encodeURIComponent(slug)}`,
  name: slug,
  read: instanceIn,
  nameOf: ({ portalInstanceId }) => portalInstanceId,
})
