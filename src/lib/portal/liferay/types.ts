/** The parts of Liferay's resources that are used here. headless-admin-user v1.0, headless-site v1.0, and others. */
export interface Organization {
  readonly id?: string
  readonly externalReferenceCode?: string
  readonly name?: string
  readonly parentOrganization?: { readonly externalReferenceCode?: string; readonly id?: string }
  readonly customFields?: readonly CustomField[]
  readonly dateModified?: string
  /** Those directly below it, and people; while there are any it cannot be deleted. */
  readonly numberOfOrganizations?: number
  readonly numberOfUsers?: number
}

export interface Account {
  readonly id?: number
  readonly externalReferenceCode?: string
  readonly name?: string
  readonly type?: 'business' | 'guest' | 'person' | 'supplier'
  readonly customFields?: readonly CustomField[]
  readonly dateModified?: string
}

export interface CustomField {
  readonly name: string
  readonly customValue: { readonly data?: unknown }
}

export interface Site {
  readonly externalReferenceCode?: string
  readonly name: string
  readonly membershipType?: 'open' | 'private' | 'restricted'
  readonly templateKey?: string
  readonly templateType?: 'site-initializer' | 'site-template'
}

export interface PortalInstance {
  readonly active?: boolean
  readonly portalInstanceId?: string
  readonly domain?: string
  readonly virtualHost?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly lastPage: number
  readonly totalCount: number
}

export interface ImportTask {
  readonly externalReferenceCode?: string
  /** INITIAL, STARTED, COMPLETED or FAILED. */
  readonly executeStatus?: string
  readonly errorMessage?: string
  readonly failedItems?: readonly FailedItem[]
  readonly processedItemsCount?: number
}

export interface FailedItem {
  /** Its place in what was sent. */
  readonly itemIndex?: number
  readonly message?: string
}

/** What a tenant gets besides its organization. */
export const LAYOUTS = ['organization', 'site', 'instance'] as const
export type Layout = (typeof LAYOUTS)[number]
