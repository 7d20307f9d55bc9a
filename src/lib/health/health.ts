import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { badDocument, usageError } from '../errors.ts'
import { readDocument } from '../input/document.ts'
import type { Store } from '../store/sqlite.ts'
import { emptySelection } from '../tenant/empty-selection.ts'
import { MAX_MANIFEST_BYTES, type Manifest, readManifests } from '../tenant/manifest.ts'
import { ANY_REGION, loadRegionsIfAny } from '../tenant/regions.ts'
import { isSelected, type Selection } from '../tenant/select.ts'
import { closest } from '../text.ts'
import { type Bindings, bindConnectors } from './bind.ts'
import { despiteStore } from './despite-store.ts'
import { type Keeping, recordHealth } from './history.ts'
import { type EndpointHealth, type HealthResult, statusOfPart } from './model.ts'
import { Routes } from './route.ts'
import { type RunOptions, runChecks, worstOf } from './run.ts'

/** Which connectors are meant. */
export interface HealthScope {
  /** Files of manifests, folders expanded. */
  readonly files: readonly string[]
  /** Names; all where there is none. */
  readonly connectors: readonly string[]
  readonly selection: Selection
}

/** Connectors bound to tenants, ready to be asked. */
export interface Bound {
  readonly manifest: Manifest
  readonly bindings: Bindings
  readonly routes: Routes
}

/**
 * Reads manifests and binds their connectors.
 * @throws OzgctlError 65 for what is wrong with them, 64 CONNECTOR_UNKNOWN, NO_CONNECTORS
 */
export async function bindFiles(
  context: Context,
  store: Store,
  { files, connectors, selection }: HealthScope,
): Promise<Bound> {
  const documents = []
  for (const file of files) documents.push(await readDocument(file, context.stdin, MAX_MANIFEST_BYTES))
  const regions = await despiteStore(
    context,
    store,
    'keys of regions were not compared with the register',
    () => loadRegionsIfAny(store),
    ANY_REGION,
  )
  const manifest = await readManifests(documents, regions)
  refuseUnknown(connectors, manifest)
  let left = selection.limit ?? Number.POSITIVE_INFINITY
  const { bindings, problems } = bindConnectors(manifest, {
    connectors,
    isSelected: (tenant) => isSelected(tenant, selection) && left-- > 0,
  })
  if (problems.length > 0) throw badDocument('MANIFEST_INVALID', problems)
  return { manifest, bindings, routes: new Routes(context, folderOf(files[0] ?? '-')) }
}

/**
 * The same, with at least one connector to ask: a check of none would find all well.
 * @throws OzgctlError 64 SELECTION_EMPTY, and as `bindFiles`
 */
export async function bindToCheck(context: Context, store: Store, scope: HealthScope): Promise<Bound> {
  const bound = await bindFiles(context, store, scope)
  if (bound.bindings.count > 0) return bound
  refuseNobody(bound.manifest, scope.selection)
  const names =
    scope.connectors.length === 0 ? 'a connector' : `the connector ${scope.connectors.join(' or ')}`
  throw usageError('SELECTION_EMPTY', `no tenant that is asked for has ${names}: nothing was checked`, [
    'See who has which: ozgctl connector list',
  ])
}

/** @throws OzgctlError 64 SELECTION_EMPTY when no tenant of a manifest is meant */
export function refuseNobody({ tenants }: Manifest, selection: Selection): void {
  const all = tenants.map(({ tenant }) => tenant)
  if (!all.some((tenant) => isSelected(tenant, selection))) throw emptySelection([selection], all)
}

/** Checks what is bound. @throws nothing that the other side does */
export async function checkBound(
  context: Context,
  { bindings, routes }: Bound,
  options: RunOptions,
): Promise<HealthResult> {
  const startedAt = context.now().getTime()
  const begun = context.uptime()
  const reports = await runChecks(bindings.checks, routes, context, options)
  const endpoints = bindings.checks.flatMap(({ endpoints: served }, at) =>
    served.map((endpoint): EndpointHealth => ({ endpoint, report: reports[at] ?? null, since: {} })),
  )
  return {
    startedAt,
    durationMs: context.uptime() - begun,
    endpoints: inOrder(endpoints),
    checks: bindings.checks.length,
    bindings: bindings.count,
    status: worstOf(endpoints.flatMap(statusesOf)),
  }
}

/** Keeps a result in the store, if it takes it. @returns the same with since when it is so, as far as that is known */
export async function recorded(
  context: Pick<Context, 'now' | 'warn'>,
  store: Store,
  result: HealthResult,
  keeping: Keeping = {},
): Promise<HealthResult> {
  const endpoints = await despiteStore(
    context,
    store,
    'the result is not recorded',
    () => recordHealth(store, result.endpoints, () => context.now(), keeping),
    result.endpoints,
  )
  return { ...result, endpoints }
}

const statusesOf = (health: EndpointHealth) =>
  (['service', 'certificate'] as const).flatMap((part) => statusOfPart(health, part) ?? [])

const RANK = { critical: 0, unknown: 1, warning: 2, ok: 3 } as const

/** Worst first, then by connector and address. */
function inOrder(endpoints: readonly EndpointHealth[]): readonly EndpointHealth[] {
  const rank = (health: EndpointHealth): number => RANK[worstOf(statusesOf(health))]
  const key = ({ endpoint }: EndpointHealth): string => `${endpoint.connector} ${endpoint.url} ${endpoint.id}`
  return endpoints.toSorted((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1))
}

function refuseUnknown(names: readonly string[], { connectors, tenants }: Manifest): void {
  const known = new Set([
    ...connectors.declared.keys(),
    ...tenants.flatMap(({ ownConnectors }) => [...ownConnectors.keys()]),
  ])
  if (known.size === 0)
    throw usageError('NO_CONNECTORS', 'the manifest declares no connectors', [
      'Declare them under connectors; docs/health.md has examples.',
    ])
  for (const name of names)
    if (!known.has(name)) {
      const near = closest(name, [...known])
      throw usageError('CONNECTOR_UNKNOWN', `there is no connector "${name}"`, [
        ...near.map((one) => `Did you mean ${one}?`),
        'See: ozgctl connector list',
      ])
    }
}

/** Where paths in a manifest start from. */
function folderOf(file: string): string {
  if (file === '-') return resolve('.')
  try {
    return statSync(file).isDirectory() ? resolve(file) : dirname(resolve(file))
  } catch {
    return resolve('.')
  }
}
