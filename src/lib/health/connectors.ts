import { isProtected, isThisMachine } from '../config/protected.ts'
import { isSecretName } from '../config/secret-name.ts'
import type { HttpCondition } from '../connector/conditions.ts'
import type { Definition } from '../connector/definition.ts'
import type { System } from '../connector/systems/model.ts'
import type { Manifest } from '../tenant/manifest.ts'
import type { Bindings, BoundCheck } from './bind.ts'
import type { Endpoint } from './model.ts'

/** A connector of the manifest, with what became of it for the tenants. */
export interface ConnectorSummary {
  readonly name: string
  readonly system: System | undefined
  readonly kind: string
  /** As written, with templates. */
  readonly url: string
  readonly credentials: string | null
  /** Addresses that differ. */
  readonly endpoints: readonly Endpoint[]
  /** Tenants that it is bound to. */
  readonly tenants: number
}

/** Every connector that is declared, sorted, and those that tenants have for themselves. */
export function summarise(manifest: Manifest, bindings: Bindings): readonly ConnectorSummary[] {
  const definitions = new Map<string, Definition>()
  for (const { ownConnectors } of manifest.tenants)
    for (const [name, definition] of ownConnectors) definitions.set(name, definition)
  for (const [name, { definition }] of manifest.connectors.declared) definitions.set(name, definition)
  const endpoints = Map.groupBy(
    bindings.checks.flatMap((check) => check.endpoints),
    ({ connector }) => connector,
  )
  return [...definitions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { system, kindId, written }]) => {
      const own = endpoints.get(name) ?? []
      return {
        name,
        system,
        kind: kindId,
        url: String(written.url),
        credentials: typeof written.credentials === 'string' ? written.credentials : null,
        endpoints: own,
        tenants: own.reduce((sum, { tenants }) => sum + tenants.length, 0),
      }
    })
}

/** Something about a connector that is allowed and hardly meant. */
export interface LintFinding {
  readonly code:
    | 'not-bound'
    | 'status-only'
    | 'not-encrypted'
    | 'credentials-unprotected'
    | 'secret-in-address'
  readonly connector: string
}

const PLAIN = ['http:', 'tcp:']

/** Looks for what the reader of a manifest lets pass. */
export function lint(manifest: Manifest, bindings: Bindings): readonly LintFinding[] {
  const unbound = summarise(manifest, bindings)
    .filter(({ tenants }) => tenants === 0)
    .map(
      ({ name }): LintFinding => ({
        code: 'not-bound',
        connector: name,
      }),
    )
  const first = new Map<string, BoundCheck>()
  for (const check of bindings.checks)
    for (const { connector } of check.endpoints) if (!first.has(connector)) first.set(connector, check)
  const others = [...first].flatMap(([name, check]) => findingsOf(name, check))
  return [...unbound, ...others].sort((a, b) => (a.connector < b.connector ? -1 : 1))
}

function findingsOf(connector: string, { definition, effective }: BoundCheck): readonly LintFinding[] {
  const { url, common, settings } = effective
  const findings: LintFinding[] = []
  const conditions = (settings.conditions ?? []) as readonly HttpCondition[]
  if (definition.kindId === 'http' && conditions.every(({ subject }) => subject.of === 'status'))
    findings.push({
      code: 'status-only',
      connector,
    })
  // Addresses are shown, stored and sent to monitoring.
  if ([...url.searchParams.keys()].some(isSecretName)) findings.push({ code: 'secret-in-address', connector })
  const isOpen = PLAIN.includes(url.protocol) && !isThisMachine(url.hostname)
  const { credentials, proxy, proxyCredentials } = common
  const isLost =
    (credentials !== undefined && !isProtected(url, proxy)) ||
    (proxyCredentials !== undefined && proxy !== undefined && !isProtected(proxy))
  if (isLost)
    findings.push({
      code: 'credentials-unprotected',
      connector,
    })
  else if (isOpen)
    findings.push({
      code: 'not-encrypted',
      connector,
    })
  return findings
}

/** One connector with its settings. @param name of one that is there, see `bindFiles` */
export function showConnector(
  manifest: Manifest,
  bindings: Bindings,
  name: string,
): ConnectorSummary & { readonly settings: Readonly<Record<string, unknown>> } {
  const found = summarise(manifest, bindings).find((connector) => connector.name === name)
  const definition =
    manifest.connectors.declared.get(name)?.definition ??
    manifest.tenants.flatMap(({ ownConnectors }) => ownConnectors.get(name) ?? [])[0]
  if (found === undefined || definition === undefined) throw new Error(`no connector ${name}`)
  return { ...found, settings: definition.written }
}
