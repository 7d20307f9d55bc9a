import type {
  Account,
  CustomField,
  FailedItem,
  ImportTask,
  Organization,
  Page,
  PortalInstance,
  Site,
} from './types.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Resources as Liferay answers them. What is of another kind than documented counts as not said; whoever needs it finds
 * it missing.
 */
export function organizationIn(json: object): Organization {
  const {
    id,
    externalReferenceCode,
    name,
    customFields,
    dateModified,
    numberOfOrganizations,
    numberOfUsers,
  } = fieldsOf(json)
  return {
    ...given({
      id: text(id),
      externalReferenceCode: text(externalReferenceCode),
      name: text(name),
      dateModified: text(dateModified),
      numberOfOrganizations: count(numberOfOrganizations),
      numberOfUsers: count(numberOfUsers),
    }),
    customFields: customFieldsIn(customFields),
  }
}

export function accountIn(json: object): Account {
  const { id, externalReferenceCode, name, customFields, dateModified } = fieldsOf(json)
  return {
    ...given({
      id: count(id),
      externalReferenceCode: text(externalReferenceCode),
      name: text(name),
      dateModified: text(dateModified),
    }),
    customFields: customFieldsIn(customFields),
  }
}

export function siteIn(json: object): Site {
  const { externalReferenceCode, name } = fieldsOf(json)
  return { name: text(name) ?? '', ...given({ externalReferenceCode: text(externalReferenceCode) }) }
}

export function instanceIn(json: object): PortalInstance {
  const { active, portalInstanceId, virtualHost } = fieldsOf(json)
  return given({
    active: typeof active === 'boolean' ? active : undefined,
    portalInstanceId: text(portalInstanceId),
    virtualHost: text(virtualHost),
  })
}

export function importTaskIn(json: object): ImportTask {
  const { externalReferenceCode, executeStatus, errorMessage, failedItems, processedItemsCount } =
    fieldsOf(json)
  return given({
    externalReferenceCode: text(externalReferenceCode),
    executeStatus: text(executeStatus),
    errorMessage: text(errorMessage),
    failedItems: objects(failedItems).map(failedItemIn),
    processedItemsCount: count(processedItemsCount),
  })
}

function failedItemIn(json: object): FailedItem {
  const { itemIndex, message } = fieldsOf(json)
  return given({ itemIndex: count(itemIndex), message: text(message) })
}

/** A page of a list; undefined for what is none. */
export function pageIn<T>(json: object, item: (json: object) => T): Page<T> | undefined {
  const { items, lastPage, totalCount } = fieldsOf(json)
  const [last, total] = [count(lastPage), count(totalCount)]
  if (!Array.isArray(items) || last === undefined || total === undefined) return undefined
  return { items: objects(items).map(item), lastPage: last, totalCount: total }
}

function customFieldsIn(value: unknown): readonly CustomField[] {
  return objects(value).flatMap((json) => {
    const { name, customValue } = fieldsOf(json)
    const isWhole = typeof name === 'string' && typeof customValue === 'object' && customValue !== null
    return isWhole ? [{ name, customValue: { data: fieldsOf(customValue).data } }] : []
  })
}

const fieldsOf = (json: object): Fields => ({ ...json })
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
const objects = (value: unknown): readonly object[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : []

type Given<T> = { readonly [Field in keyof T]?: Exclude<T[Field], undefined> }

/** Without the fields that are undefined. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}
