import { noContent, objectIn, ok, Problem, type SandboxAnswer, type SandboxRequest } from './answer.ts'
import type { Resource, SandboxState } from './state.ts'

/** Sites of headless-site v1.0: made and removed, never changed. */
export class Sites {
  readonly #state: SandboxState

  constructor(state: SandboxState) {
    this.#state = state
  }

  post(request: SandboxRequest): SandboxAnswer {
    const { name, externalReferenceCode } = objectIn(request)
    if (typeof name !== 'string' || name === '') throw new Problem(400, 'name must not be empty')
    const id = this.#state.newId()
    const code = typeof externalReferenceCode === 'string' ? externalReferenceCode : `SITE-${id}`
    if (this.#state.sites.byCode(code) !== undefined)
      throw new Problem(409, 'A site with the same external reference code already exists')
    if (this.#state.sites.all().some((site) => site.name === name))
      throw new Problem(409, 'A site with the same key already exists')
    this.#state.created('sites', code)
    const friendlyUrlPath = `/${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    return ok(this.#state.sites.put({ externalReferenceCode: code, friendlyUrlPath, id, key: name, name }))
  }

  get = ({ params }: SandboxRequest): SandboxAnswer => ok(this.#byCode(params))

  deleteByCode({ params }: SandboxRequest): SandboxAnswer {
    this.#state.sites.remove(this.#byCode(params))
    return noContent
  }

  deleteById({ params: [id = ''] }: SandboxRequest): SandboxAnswer {
    const found = this.#state.sites.byId(id)
    if (found === undefined) throw new Problem(404, `No Group exists with the primary key ${id}`)
    this.#state.sites.remove(found)
    return noContent
  }

  #byCode([code = '']: readonly string[]): Resource {
    const found = this.#state.sites.byCode(code)
    if (found === undefined)
      throw new Problem(404, `No Group exists with the external reference code ${code}`)
    return found
  }
}
