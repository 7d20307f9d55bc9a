import { type Definition, defineConnector, type Written } from '../connector/definition.ts'
import { badDocument } from '../errors.ts'
import type { Tenant } from '../portal/model.ts'
import { canonicalJson } from '../text.ts'
import type { Manifest } from './manifest.ts'

/**
 * Connectors of tenants as a portal has them: what the manifest declares, with the tenant's own settings on top. One
 * object for many tenants, because most of them share their definitions.
 */
export class ConnectorBinder {
  readonly #connectors: Manifest['connectors']
  /** Own definitions, by what is written. */
  readonly #own = new Map<string, Promise<Definition>>()

  constructor({ connectors }: Pick<Manifest, 'connectors'>) {
    this.#connectors = connectors
  }

  /**
   * All connectors of a tenant by name. Names that nobody declares are labels and left out.
   * @throws OzgctlError 65 CONNECTOR_INVALID when the portal holds settings that make no connector
   */
  async of(tenant: Tenant): Promise<ReadonlyMap<string, Definition>> {
    const names = new Set([...(this.#connectors.ofNetworks.get(tenant.account) ?? []), ...tenant.connectors])
    const found = new Map<string, Definition>()
    for (const name of [...names].sort()) {
      const declared = this.#connectors.declared.get(name)?.definition
      const own = tenant.connectorSettings?.[name]
      const definition = own === undefined ? declared : await this.#ownDefinition(name, tenant, own, declared)
      if (definition !== undefined) found.set(name, definition)
    }
    return found
  }

  #ownDefinition(
    name: string,
    tenant: Tenant,
    own: Written,
    declared: Definition | undefined,
  ): Promise<Definition> {
    // Another system or kind is another connector: nothing of what is declared belongs to it.
    const isOther = own.system !== undefined || own.kind !== undefined
    const written = isOther ? own : { ...declared?.written, ...own }
    const key = canonicalJson([name, written])
    const known = this.#own.get(key)
    if (known !== undefined) return known
    const made = defined(name, tenant, written)
    this.#own.set(key, made)
    return made
  }
}

async function defined(name: string, { ars, name: title }: Tenant, written: Written): Promise<Definition> {
  const checked = await defineConnector(written, true)
  if (checked.ok) return checked.value
  throw badDocument(
    'CONNECTOR_INVALID',
    checked.problems.map(({ code, at, message, hint }) => ({
      code,
      place: {},
      path: [`connectors.${name}`, ...at].join('.'),
      message: `${message} (${title}, ${ars})`,
      hint,
    })),
  )
}
