import { Accounts } from './accounts.ts'
import type { SandboxAnswer, SandboxRequest } from './answer.ts'
import { ok } from './answer.ts'
import { ImportTasks } from './import-tasks.ts'
import { Instances } from './instances.ts'
import { Organizations } from './organizations.ts'
import { Sites } from './sites.ts'
import type { SandboxState } from './state.ts'

/** Parts of Liferay that a sandbox can be without, as another version is. */
export const REMOVABLE = [
  'headless-site',
  'headless-portal-instances',
  'headless-batch-engine',
  'custom-fields',
  'new-reference-codes',
] as const
export type Removable = (typeof REMOVABLE)[number]

export type Handler = (request: SandboxRequest) => SandboxAnswer

interface Node {
  readonly next: Map<string, Node>
  /** For a part of the path that stands for something. */
  any: Node | undefined
  readonly handlers: Map<string, Handler>
}

const newNode = (): Node => ({ next: new Map(), any: undefined, handlers: new Map() })

/** Finds the handler of a request, one part of the path after the other. */
export class Routes {
  readonly #root = newNode()

  add(method: string, path: string, handler: Handler): void {
    let node = this.#root
    for (const part of path.split('/').slice(1)) {
      if (part === '*') node = node.any ??= newNode()
      else {
        const next = node.next.get(part) ?? newNode()
        node.next.set(part, next)
        node = next
      }
    }
    node.handlers.set(method, handler)
  }

  /** @returns undefined for an address that this Liferay does not have */
  find(
    method: string,
    path: string,
  ): { readonly handler: Handler; readonly params: readonly string[] } | undefined {
    let node: Node | undefined = this.#root
    const params: string[] = []
    for (const part of path.split('/').slice(1)) {
      const next: Node | undefined = node.next.get(part)
      if (next === undefined) params.push(decodeURIComponent(part))
      node = next ?? node.any
      if (node === undefined) return undefined
    }
    const handler = node.handlers.get(method)
    return handler === undefined ? undefined : { handler, params }
  }
}

/** The addresses of the APIs that are there. */
export function liferayRoutes(state: SandboxState, without: readonly Removable[]): Routes {
  const routes = new Routes()
  const organizations = new Organizations(state)
  addUserApi(routes, organizations, new Accounts(state))
  if (!without.includes('headless-site')) addSiteApi(routes, new Sites(state))
  if (!without.includes('headless-portal-instances')) addInstanceApi(routes, new Instances(state))
  if (!without.includes('headless-batch-engine')) addBatchApi(routes, new ImportTasks(state, organizations))
  return routes
}

function addUserApi(routes: Routes, organizations: Organizations, accounts: Accounts): void {
  const base = '/o/headless-admin-user/v1.0'
  const all = `${base}/organizations`
  const byCode = `${all}/by-external-reference-code/*`
  routes.add('GET', all, (request) => organizations.list(request))
  routes.add('POST', all, (request) => organizations.post(request))
  routes.add('GET', `${all}/*`, organizations.getById)
  routes.add('PUT', `${all}/*`, organizations.putById)
  routes.add('PATCH', `${all}/*`, organizations.patchById)
  routes.add('DELETE', `${all}/*`, organizations.deleteById)
  routes.add('GET', byCode, organizations.getByCode)
  routes.add('PUT', byCode, (request) => organizations.putByCode(request))
  routes.add('PATCH', byCode, organizations.patchByCode)
  routes.add('DELETE', byCode, organizations.deleteByCode)
  routes.add('GET', `${byCode}/child-organizations`, (request) => organizations.children(request))
  const users = `${byCode}/user-accounts`
  routes.add('GET', users, organizations.listUsers)
  routes.add('POST', `${users}/by-email-address/*`, organizations.addUser)
  routes.add('DELETE', `${users}/by-email-address/*`, organizations.removeUser)
  const account = `${base}/accounts/by-external-reference-code/*`
  routes.add('GET', `${base}/accounts`, accounts.list)
  routes.add('POST', `${base}/accounts`, (request) => accounts.post(request))
  routes.add('GET', account, accounts.get)
  routes.add('PUT', account, (request) => accounts.put(request))
  routes.add('PATCH', account, (request) => accounts.patch(request))
  routes.add('DELETE', account, (request) => accounts.delete(request))
  routes.add('GET', `${base}/my-user-account`, () =>
    ok({ alternateName: 'sandbox', emailAddress: 'sandbox@example.invalid', id: 20_000, name: 'Sandbox' }),
  )
}

function addSiteApi(routes: Routes, sites: Sites): void {
  const all = '/o/headless-site/v1.0/sites'
  routes.add('POST', all, (request) => sites.post(request))
  routes.add('DELETE', `${all}/*`, (request) => sites.deleteById(request))
  routes.add('GET', `${all}/by-external-reference-code/*`, sites.get)
  routes.add('DELETE', `${all}/by-external-reference-code/*`, (request) => sites.deleteByCode(request))
}

function addInstanceApi(routes: Routes, instances: Instances): void {
  const all = '/o/headless-portal-instances/v1.0/portal-instances'
  routes.add('GET', all, () => instances.list())
  routes.add('POST', all, (request) => instances.post(request))
  routes.add('GET', `${all}/*`, instances.get)
  routes.add('PATCH', `${all}/*`, (request) => instances.patch(request))
  routes.add('DELETE', `${all}/*`, (request) => instances.delete(request))
  routes.add('PUT', `${all}/*/activate`, instances.activate)
  routes.add('PUT', `${all}/*/deactivate`, instances.deactivate)
}

function addBatchApi(routes: Routes, tasks: ImportTasks): void {
  const all = '/o/headless-batch-engine/v1.0/import-task'
  routes.add('POST', `${all}/*`, (request) => tasks.post(request))
  routes.add('GET', `${all}/*`, tasks.getById)
  routes.add('GET', `${all}/by-external-reference-code/*`, tasks.getByCode)
}
