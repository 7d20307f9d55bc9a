import {
  noContent,
  objectIn,
  ok,
  Problem,
  pageOf,
  type SandboxAnswer,
  type SandboxRequest,
} from './answer.ts'
import { mergedFields } from './custom-fields.ts'
import { OrganizationUsers } from './organization-users.ts'
import type { Resource, SandboxState } from './state.ts'

type Body = Readonly<Record<string, unknown>>

/** Organizations of headless-admin-user v1.0, addressed by id or by external reference code. */
export class Organizations {
  readonly #state: SandboxState
  readonly #users: OrganizationUsers

  constructor(state: SandboxState) {
    this.#state = state
    this.#users = new OrganizationUsers(state)
  }

  /** Without `flatten` only those that have none above them; the oldest first, unless the newest are wanted. */
  list({ query }: SandboxRequest): SandboxAnswer {
    const all = this.#state.organizations.all()
    const search = query.get('search')?.toLowerCase() ?? ''
    const found = all.filter(
      ({ parentOrganization, name }) =>
        (query.get('flatten') === 'true' || parentOrganization === undefined) &&
        (search === '' || String(name).toLowerCase().includes(search)),
    )
    return this.#pageOf(query.get('sort') === 'id:desc' ? found.reverse() : found, query)
  }

  children({ params, query }: SandboxRequest): SandboxAnswer {
    const parent = this.#byCode(params)
    const flatten = query.get('flatten') === 'true'
    const prefix = `${String(parent.treePath)}`
    const found = this.#state.organizations
      .all()
      .filter(({ id, treePath, parentOrganization }) =>
        flatten
          ? id !== parent.id && String(treePath).startsWith(prefix)
          : (parentOrganization as { readonly id?: string } | undefined)?.id === parent.id,
      )
    return this.#pageOf(found, query)
  }

  post(request: SandboxRequest): SandboxAnswer {
    return this.#shown(this.create(objectIn(request)))
  }

  getById = ({ params }: SandboxRequest): SandboxAnswer => this.#shown(this.#byId(params))
  getByCode = ({ params }: SandboxRequest): SandboxAnswer => this.#shown(this.#byCode(params))

  /** Creates or replaces. */
  putByCode(request: SandboxRequest): SandboxAnswer {
    const [code = ''] = request.params
    const body = { ...objectIn(request), externalReferenceCode: code }
    const found = this.#state.organizations.byCode(code)
    return this.#shown(found === undefined ? this.create(body) : this.#replace(found, body))
  }

  putById = (request: SandboxRequest): SandboxAnswer =>
    this.#shown(this.#replace(this.#byId(request.params), objectIn(request)))
  patchById = (request: SandboxRequest): SandboxAnswer =>
    this.#shown(this.#merge(this.#byId(request.params), objectIn(request)))
  patchByCode = (request: SandboxRequest): SandboxAnswer =>
    this.#shown(this.#merge(this.#byCode(request.params), objectIn(request)))
  deleteById = ({ params }: SandboxRequest): SandboxAnswer => this.#remove(this.#byId(params))
  deleteByCode = ({ params }: SandboxRequest): SandboxAnswer => this.#remove(this.#byCode(params))
  listUsers = ({ params, query }: SandboxRequest): SandboxAnswer =>
    this.#users.list(this.#byCode(params), query)
  addUser = ({ params }: SandboxRequest): SandboxAnswer => this.#users.add(this.#byCode(params), params[1])
  removeUser = ({ params }: SandboxRequest): SandboxAnswer =>
    this.#users.remove(this.#byCode(params), params[1])

  /** @throws Problem 400 for a code that is taken, 404 for an unknown parent */
  create(body: Body): Resource {
    const id = this.#state.newId()
    const code = typeof body.externalReferenceCode === 'string' ? body.externalReferenceCode : `ORG-${id}`
    this.#refuseTaken(code)
    const created = this.#put(String(id), code, body, this.#state.now().toISOString())
    this.#state.created('organizations', code)
    return created
  }

  #refuseTaken(code: string): void {
    if (this.#state.organizations.byCode(code) !== undefined)
      throw new Problem(400, `Duplicate organization external reference code ${code}`)
  }

  /** What an upsert of an import does. */
  upsert(body: Body): Resource {
    const code = String(body.externalReferenceCode ?? '')
    const found = this.#state.organizations.byCode(code)
    return found === undefined ? this.create(body) : this.#replace(found, body)
  }

  #replace(found: Resource, body: Body): Resource {
    const code =
      typeof body.externalReferenceCode === 'string' && !this.#state.keepsCodes
        ? body.externalReferenceCode
        : found.externalReferenceCode
    if (code !== found.externalReferenceCode) this.#refuseTaken(code)
    return this.#put(String(found.id), code, body, String(found.dateCreated))
  }

  #merge(found: Resource, body: Body): Resource {
    const { customFields, ...rest } = body
    const merged = { ...found, ...rest, customFields: mergedFields(found.customFields, customFields) }
    return this.#replace(found, merged)
  }

  #put(id: string, code: string, body: Body, dateCreated: string): Resource {
    if (typeof body.name !== 'string' || body.name === '')
      throw new Problem(400, 'Organization name is required')
    const former = this.#state.organizations.byId(id)
    const parent = this.#parentIn(body)
    this.#count(former, -1)
    const put = this.#state.organizations.put({
      actions: {},
      ...(typeof body.comment === 'string' ? { comment: body.comment } : {}),
      customFields: this.#state.keptFields(body.customFields),
      dateCreated,
      dateModified: this.#state.now().toISOString(),
      externalReferenceCode: code,
      id,
      keywords: Array.isArray(body.keywords) ? body.keywords : [],
      name: body.name,
      ...(parent === undefined
        ? {}
        : {
            parentOrganization: {
              externalReferenceCode: parent.externalReferenceCode,
              id: parent.id,
              name: parent.name,
            },
          }),
      treePath: `${parent === undefined ? '/' : String(parent.treePath)}${id}/`,
    })
    this.#count(put, 1)
    return put
  }

  #parentIn({ parentOrganization }: Body): Resource | undefined {
    if (typeof parentOrganization !== 'object' || parentOrganization === null) return undefined
    const { id, externalReferenceCode } = parentOrganization as Partial<Resource>
    const found =
      externalReferenceCode === undefined
        ? this.#state.organizations.byId(String(id))
        : this.#state.organizations.byCode(externalReferenceCode)
    if (found === undefined)
      throw new Problem(404, `No Organization exists with the key ${externalReferenceCode ?? String(id)}`)
    return found
  }

  #count(organization: Resource | undefined, change: 1 | -1): void {
    const parent = organization?.parentOrganization as { readonly id?: string } | undefined
    if (parent?.id === undefined) return
    this.#state.children.set(parent.id, (this.#state.children.get(parent.id) ?? 0) + change)
  }

  #remove(found: Resource): SandboxAnswer {
    if (this.#childrenOf(found) > 0 || this.#users.count(found) > 0)
      throw new Problem(403, 'Remove all child organizations and users before deleting this organization.')
    this.#count(found, -1)
    this.#state.organizations.remove(found)
    return noContent
  }

  #childrenOf({ id }: Resource): number {
    return this.#state.children.get(String(id)) ?? 0
  }

  /** With what is counted anew for each answer. */
  #counted(organization: Resource): Resource {
    const numberOfOrganizations = this.#childrenOf(organization)
    return { ...organization, numberOfOrganizations, numberOfUsers: this.#users.count(organization) }
  }

  #shown(organization: Resource): SandboxAnswer {
    return ok(this.#counted(organization))
  }

  #pageOf(found: readonly Resource[], query: URLSearchParams): SandboxAnswer {
    return pageOf(found, query, (organization) => this.#counted(organization))
  }

  #byId([id = '']: readonly string[]): Resource {
    const found = this.#state.organizations.byId(id)
    if (found === undefined) throw new Problem(404, `No Organization exists with the primary key ${id}`)
    return found
  }

  #byCode([code = '']: readonly string[]): Resource {
    const found = this.#state.organizations.byCode(code)
    if (found === undefined)
      throw new Problem(404, `No Organization exists with the external reference code ${code}`)
    return found
  }
}
