import { noContent, ok, Problem, pageOf, type SandboxAnswer } from './answer.ts'
import type { Resource, SandboxState } from './state.ts'

/**
 * Users of organizations, as far as they stand in the way of a delete: somebody is assigned by e-mail address, and need
 * not be known before.
 */
export class OrganizationUsers {
  readonly #state: SandboxState

  constructor(state: SandboxState) {
    this.#state = state
  }

  count(organization: Resource): number {
    return this.#of(organization).size
  }

  list(organization: Resource, query: URLSearchParams): SandboxAnswer {
    return pageOf([...this.#of(organization)].map(shown), query)
  }

  add(organization: Resource, emailAddress = ''): SandboxAnswer {
    const users = this.#of(organization)
    const id = users.get(emailAddress) ?? this.#state.newId()
    this.#state.users.set(String(organization.id), new Map([...users, [emailAddress, id]]))
    return ok(shown([emailAddress, id]))
  }

  /** @throws Problem 404 for somebody who is none of its users */
  remove(organization: Resource, emailAddress = ''): SandboxAnswer {
    const users = new Map(this.#of(organization))
    if (!users.delete(emailAddress))
      throw new Problem(404, `No User exists with the email address ${emailAddress}`)
    this.#state.users.set(String(organization.id), users)
    return noContent
  }

  #of({ id }: Resource): ReadonlyMap<string, number> {
    return this.#state.users.get(String(id)) ?? new Map()
  }
}

const shown = ([emailAddress, id]: readonly [string, number]) => ({ emailAddress, id })
