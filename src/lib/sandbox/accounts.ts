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
import type { Resource, SandboxState } from './state.ts'

type Body = Readonly<Record<string, unknown>>

/** Accounts of headless-admin-user v1.0. */
export class Accounts {
  readonly #state: SandboxState

  constructor(state: SandboxState) {
    this.#state = state
  }

  list = ({ query }: SandboxRequest): SandboxAnswer => pageOf(this.#state.accounts.all(), query)
  get = ({ params }: SandboxRequest): SandboxAnswer => ok(this.#find(params))

  post(request: SandboxRequest): SandboxAnswer {
    const body = objectIn(request)
    const code = body.externalReferenceCode
    if (typeof code === 'string' && this.#state.accounts.byCode(code) !== undefined)
      throw new Problem(400, `Duplicate account external reference code ${code}`)
    return ok(this.#put(undefined, typeof code === 'string' ? code : undefined, body))
  }

  put(request: SandboxRequest): SandboxAnswer {
    const [code = ''] = request.params
    return ok(this.#put(this.#state.accounts.byCode(code), code, objectIn(request)))
  }

  patch(request: SandboxRequest): SandboxAnswer {
    const found = this.#find(request.params)
    const { customFields, ...rest } = objectIn(request)
    const fields = mergedFields(found.customFields, customFields)
    return ok(this.#put(found, found.externalReferenceCode, { ...found, ...rest, customFields: fields }))
  }

  delete({ params }: SandboxRequest): SandboxAnswer {
    this.#state.accounts.remove(this.#find(params))
    return noContent
  }

  #put(former: Resource | undefined, code: string | undefined, body: Body): Resource {
    if (typeof body.name !== 'string' || body.name === '') throw new Problem(400, 'Account name is required')
    const id = former?.id ?? this.#state.newId()
    const externalReferenceCode = code ?? `ACC-${id}`
    if (former === undefined) this.#state.created('accounts', externalReferenceCode)
    return this.#state.accounts.put({
      actions: {},
      customFields: this.#state.keptFields(body.customFields),
      dateCreated: former?.dateCreated ?? this.#state.now().toISOString(),
      dateModified: this.#state.now().toISOString(),
      externalReferenceCode,
      id,
      name: body.name,
      status: 0,
      type: body.type ?? 'business',
    })
  }

  #find([code = '']: readonly string[]): Resource {
    const found = this.#state.accounts.byCode(code)
    if (found === undefined)
      throw new Problem(404, `No AccountEntry exists with the external reference code ${code}`)
    return found
  }
}
