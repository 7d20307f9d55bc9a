import { noContent, objectIn, ok, Problem, type SandboxAnswer, type SandboxRequest } from './answer.ts'
import type { Resource, SandboxState } from './state.ts'

/** Virtual instances of headless-portal-instances v1.0; their id is the portalInstanceId. */
export class Instances {
  readonly #state: SandboxState

  constructor(state: SandboxState) {
    this.#state = state
  }

  /** Liferay does not page here. */
  list(): SandboxAnswer {
    const items = this.#state.instances.all().map(shown)
    return ok({
      actions: {},
      facets: [],
      items,
      lastPage: 1,
      page: 1,
      pageSize: items.length,
      totalCount: items.length,
    })
  }

  post(request: SandboxRequest): SandboxAnswer {
    const { portalInstanceId, virtualHost, domain } = objectIn(request)
    if (typeof portalInstanceId !== 'string' || typeof virtualHost !== 'string')
      throw new Problem(400, 'portalInstanceId and virtualHost are required')
    if (this.#state.instances.byCode(portalInstanceId) !== undefined)
      throw new Problem(400, `Duplicate portal instance ${portalInstanceId}`)
    if (this.#state.instances.all().some((one) => one.virtualHost === virtualHost))
      throw new Problem(400, `Virtual host ${virtualHost} is taken`)
    this.#state.created('portal-instances', portalInstanceId)
    const companyId = this.#state.newId()
    const instance = { active: true, companyId, domain: domain ?? virtualHost, portalInstanceId, virtualHost }
    return ok(shown(this.#put(companyId, instance)))
  }

  get = ({ params }: SandboxRequest): SandboxAnswer => ok(shown(this.#find(params)))

  /** Only virtualHost and domain are applied. */
  patch(request: SandboxRequest): SandboxAnswer {
    const found = this.#find(request.params)
    const { virtualHost = found.virtualHost, domain = found.domain } = objectIn(request)
    return ok(shown(this.#put(found.id, { ...found, virtualHost, domain })))
  }

  activate = (request: SandboxRequest): SandboxAnswer => this.#setActive(request, true)
  deactivate = (request: SandboxRequest): SandboxAnswer => this.#setActive(request, false)

  delete({ params }: SandboxRequest): SandboxAnswer {
    this.#state.instances.remove(this.#find(params))
    return noContent
  }

  #setActive({ params }: SandboxRequest, active: boolean): SandboxAnswer {
    const found = this.#find(params)
    this.#put(found.id, { ...found, active })
    return { status: 200 }
  }

  #put(id: string | number, instance: Readonly<Record<string, unknown>>): Resource {
    return this.#state.instances.put({
      ...instance,
      id,
      externalReferenceCode: String(instance.portalInstanceId),
    })
  }

  #find([name = '']: readonly string[]): Resource {
    const found = this.#state.instances.byCode(name)
    if (found === undefined) throw new Problem(404, `No Company exists with the web id ${name}`)
    return found
  }
}

const shown = ({ active, companyId, domain, portalInstanceId, virtualHost }: Resource) => ({
  active,
  companyId,
  domain,
  portalInstanceId,
  virtualHost,
})
