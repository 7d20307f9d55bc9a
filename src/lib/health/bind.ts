import { createHash } from 'node:crypto'
import { type Definition, type Effective, effectiveFor } from '../connector/definition.ts'
import type { TemplateValues } from '../connector/template.ts'
import type { Problem } from '../errors.ts'
import type { Tenant } from '../portal/model.ts'
import { agsOf, parseArs } from '../region/key.ts'
import type { Manifest } from '../tenant/manifest.ts'
import { canonicalJson } from '../text.ts'
import type { Endpoint, TenantRef } from './model.ts'

/** One thing to ask, for one or several endpoints: those that are the same but for name and tenants. */
export interface BoundCheck {
  readonly definition: Definition
  readonly effective: Effective
  readonly endpoints: readonly Endpoint[]
}

export interface Bindings {
  readonly checks: readonly BoundCheck[]
  /** Pairs of tenant and connector. */
  readonly count: number
}

/** Which connectors and tenants are meant; everything where nothing is said. */
export interface BindOptions {
  readonly connectors: readonly string[]
  readonly isSelected: (tenant: Tenant) => boolean
}

/**
 * Binds the connectors of a manifest to its tenants. What is the same for many is there once.
 * @returns with it what is wrong for single tenants
 */
export function bindConnectors(
  manifest: Manifest,
  { connectors, isSelected }: BindOptions,
): { readonly bindings: Bindings; readonly problems: readonly Problem[] } {
  const binder = new Binder()
  const wanted = new Set(connectors)
  for (const { tenant, ownConnectors } of manifest.tenants) {
    const selected = isSelected(tenant)
    const names = new Set([
      ...(manifest.connectors.ofNetworks.get(tenant.account) ?? []),
      ...tenant.connectors,
    ])
    for (const name of names) {
      if (wanted.size > 0 && !wanted.has(name)) continue
      const declared = manifest.connectors.declared.get(name)
      const definition = ownConnectors.get(name) ?? declared?.definition
      if (definition !== undefined)
        binder.bind(name, definition, { tenant, selected }, declared?.path ?? name)
    }
  }
  return { bindings: binder.result(), problems: binder.problems }
}

interface Growing {
  readonly definition: Definition
  readonly effective: Effective
  readonly endpoints: Map<string, GrowingEndpoint>
}

type GrowingEndpoint = Omit<Endpoint, 'tenants' | 'serves'> & {
  readonly tenants: TenantRef[]
  readonly serves: string[]
}

/** A tenant, and whether it was asked for. */
interface Bearer {
  readonly tenant: Tenant
  readonly selected: boolean
}

class Binder {
  readonly problems: Problem[] = []
  readonly #checks = new Map<string, Growing>()
  /** What is the same for all tenants is looked at once. */
  readonly #shared = new Map<Definition, Growing | undefined>()
  #count = 0

  bind(name: string, definition: Definition, { tenant, selected }: Bearer, path: string): void {
    const check = definition.perTenant
      ? this.#checkOf(definition, tenant, path)
      : this.#sharedCheck(definition, tenant, path)
    if (check === undefined) return
    const known = check.endpoints.get(name) ?? endpointOf(name, check)
    check.endpoints.set(name, known)
    known.serves.push(tenant.ars)
    if (!selected) return
    this.#count++
    known.tenants.push({ ars: tenant.ars, name: tenant.name })
  }

  result(): Bindings {
    return {
      checks: [...this.#checks.values()]
        .map((check) => ({
          ...check,
          endpoints: [...check.endpoints.values()].filter(({ tenants }) => tenants.length > 0),
        }))
        .filter(({ endpoints }) => endpoints.length > 0),
      count: this.#count,
    }
  }

  #sharedCheck(definition: Definition, tenant: Tenant, path: string): Growing | undefined {
    if (this.#shared.has(definition)) return this.#shared.get(definition)
    const check = this.#checkOf(definition, tenant, path)
    this.#shared.set(definition, check)
    return check
  }

  #checkOf(definition: Definition, tenant: Tenant, path: string): Growing | undefined {
    const read = effectiveFor(definition, templateValues(tenant))
    if (!read.ok) {
      for (const { at, message } of read.problems)
        this.problems.push({
          code: 'connector-unbound',
          place: {},
          path: `${path}.${at.join('.')}`,
          message: `${message} (${tenant.name}, ${tenant.ars})`,
        })
      return undefined
    }
    const key = checkKey(definition, read.value)
    const known = this.#checks.get(key)
    if (known !== undefined) return known
    const made: Growing = { definition, effective: read.value, endpoints: new Map() }
    this.#checks.set(key, made)
    return made
  }
}

/** Everything that makes a difference for a check, and nothing else. */
function checkKey({ kindId }: Definition, { url, common, settings }: Effective): string {
  const { title: _title, installed: _installed, affects: _affects, ...asked } = common
  return canonicalJson([kindId, url.href, asked, plainUrls(settings)])
}

/** Addresses as texts: an URL has no fields of its own that JSON would show. */
const plainUrls = (settings: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value instanceof URL ? value.href : value]),
  )

function endpointOf(name: string, { definition, effective }: Growing): GrowingEndpoint {
  const { system, kindId, perTenant, isOwn } = definition
  const { url, common, settings } = effective
  // Two of one name and address can still ask for different things, but only where tenants make the difference.
  const difference = perTenant || isOwn ? canonicalJson(plainUrls(settings)) : ''
  return {
    id: createHash('sha256').update(`${name}\n${url.href}\n${difference}`).digest('hex').slice(0, 12),
    connector: name,
    title: common.title ?? system?.title ?? name,
    system: system?.id ?? null,
    kind: kindId,
    url: `${url.protocol}//${url.host}${url.pathname}`,
    tenants: [],
    serves: [],
    affects: common.affects ?? system?.affects ?? 'none',
  }
}

/** What a connector can say of a tenant. */
function templateValues({ ars, slug, name, hosts }: Tenant): TemplateValues {
  const key = ars.length === 12 ? parseArs(ars) : undefined
  const [host] = hosts
  return {
    ars,
    slug,
    name,
    ...(host === undefined ? {} : { host }),
    ...(key?.ok === true ? { ags: agsOf(key.value) } : {}),
  }
}
