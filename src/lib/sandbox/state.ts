import { storedFields } from './custom-fields.ts'

/** A resource as Liferay has it. Organizations have texts as ids, all others numbers. */
export interface Resource {
  readonly id: string | number
  readonly externalReferenceCode: string
  readonly [field: string]: unknown
}

/** Resources of one kind, by id and by external reference code. */
class Collection {
  readonly #byId = new Map<string, Resource>()
  readonly #byCode = new Map<string, Resource>()
  #list: readonly Resource[] | undefined

  byId(id: string): Resource | undefined {
    return this.#byId.get(id)
  }

  byCode(code: string): Resource | undefined {
    return this.#byCode.get(code)
  }

  put(resource: Resource): Resource {
    const former = this.#byId.get(String(resource.id))
    if (former !== undefined) this.#byCode.delete(former.externalReferenceCode)
    this.#byId.set(String(resource.id), resource)
    this.#byCode.set(resource.externalReferenceCode, resource)
    this.#list = undefined
    return resource
  }

  remove(resource: Resource): void {
    this.#byId.delete(String(resource.id))
    this.#byCode.delete(resource.externalReferenceCode)
    this.#list = undefined
  }

  /** In the order of their ids. */
  all(): readonly Resource[] {
    this.#list ??= [...this.#byId.values()]
    return this.#list
  }

  clear(): void {
    this.#byId.clear()
    this.#byCode.clear()
    this.#list = undefined
  }
}

/** All that the sandbox holds; gone with its process. */
export class SandboxState {
  readonly now: () => Date
  readonly #dropsFields: boolean
  /** Whether a resource has its external reference code for good, as in old versions of Liferay. */
  readonly keepsCodes: boolean
  readonly organizations = new Collection()
  readonly accounts = new Collection()
  readonly sites = new Collection()
  readonly instances = new Collection()
  readonly tasks = new Collection()
  /** How often something was created, by kind and external reference code. */
  readonly creates = new Map<string, number>()
  /** Children of organizations by id; one with children cannot be deleted. */
  readonly children = new Map<string, number>()
  /** Users of organizations by id, by e-mail address; one with users cannot be deleted either. */
  readonly users = new Map<string, ReadonlyMap<string, number>>()
  #nextId = 20_000

  /** `dropsFields`: as a Liferay does in which nobody has defined custom fields. */
  constructor(
    now: () => Date,
    { dropsFields, keepsCodes }: { readonly dropsFields: boolean; readonly keepsCodes: boolean },
  ) {
    this.now = now
    this.#dropsFields = dropsFields
    this.keepsCodes = keepsCodes
  }

  /** Custom fields that were sent, as they are kept. */
  keptFields(fields: unknown): readonly object[] {
    return this.#dropsFields ? [] : storedFields(fields)
  }

  newId(): number {
    return ++this.#nextId
  }

  created(kind: string, code: string): void {
    const name = `${kind} ${code}`
    this.creates.set(name, (this.creates.get(name) ?? 0) + 1)
  }

  clear(): void {
    for (const one of [this.organizations, this.accounts, this.sites, this.instances, this.tasks]) one.clear()
    this.creates.clear()
    this.children.clear()
    this.users.clear()
  }
}
