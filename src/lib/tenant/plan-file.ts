import { hash } from 'node:crypto'
import { badInput, OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { PortalState } from '../portal/driver.ts'
import { canonicalJson } from '../text.ts'
import type { Plan } from './plan.ts'

/** What a plan was made from. When any of it moves, the plan is stale. */
export interface PlanBasis {
  readonly manifests: readonly ManifestDigest[]
  /** Name of the active register and when it was imported. */
  readonly register: string
  /** Digest of everything the portal has. */
  readonly portal: string
}

export interface ManifestDigest {
  /** As it was given on the command line. */
  readonly file: string
  readonly sha256: string
}

/** A reviewed plan in a file: what is applied is this and nothing else. */
export interface SavedPlan {
  readonly createdAt: string
  readonly createdBy: string
  readonly basis: PlanBasis
  readonly plan: Plan
}

const KIND = 'ozgctl-plan'
export const MAX_PLAN_BYTES = 256 << 20

/** A saved plan as the text of a file; its checksum makes an edited one known. */
export function planFileText(saved: SavedPlan): string {
  const body = { schemaVersion: 1, kind: KIND, ...saved }
  return `${JSON.stringify({ ...body, checksum: checksumOf(body) }, undefined, 1)}\n`
}

/** @throws OzgctlError 65 PLAN_INVALID for what is no plan, or was edited */
export function parsePlanFile(file: string, text: string): SavedPlan {
  const body = parseObject(text)
  if (body === undefined || body.kind !== KIND)
    throw badInput('PLAN_INVALID', 'this is no plan', { file }, [
      'Make one with: ozgctl tenant plan -f network.yaml --out PLAN. A manifest is applied with -f.',
    ])
  if (body.schemaVersion !== 1)
    throw badInput('PLAN_INVALID', 'this plan was made by another version of ozgctl', { file }, PLAN_AGAIN)
  const { checksum, ...rest } = body
  if (checksum !== checksumOf(rest))
    throw badInput('PLAN_INVALID', 'this plan was edited; what it does is not what was planned', { file }, [
      'Change the manifest and plan again.',
    ])
  const { createdAt, createdBy, basis, plan } = rest as unknown as SavedPlan
  return { createdAt, createdBy, basis, plan }
}

const PLAN_AGAIN = ['Plan again: ozgctl tenant plan -f network.yaml --out PLAN']

/**
 * Refuses a plan whose basis has moved, and says which part of it.
 * @param now what the same plan would be made from now
 * @throws OzgctlError 65 PLAN_STALE
 */
export function refuseStale(saved: SavedPlan, now: PlanBasis, portal: PortalState): void {
  const moved = [
    ...saved.basis.manifests.flatMap(({ file, sha256 }) => {
      const present = now.manifests.find((one) => one.file === file)
      if (present?.sha256 === sha256) return []
      return [present === undefined ? `the manifest ${file} is gone` : `the manifest ${file} has changed`]
    }),
    ...(saved.basis.register === now.register
      ? []
      : [`the store has another register (${now.register} instead of ${saved.basis.register})`]),
    ...(saved.basis.portal === now.portal
      ? []
      : [`the portal has changed${whichTenants(saved.plan, portal)}`]),
  ]
  if (moved.length === 0) return
  const made = `made ${saved.createdAt} by ${saved.createdBy}`
  throw new OzgctlError('PLAN_STALE', `the plan is stale (${made}); nothing was changed`, {
    exit: EXIT.badInput,
    suggestions: [...moved, ...PLAN_AGAIN],
  })
}

/** Of the tenants that the plan changes, those that are not as they were. */
function whichTenants(plan: Plan, portal: PortalState): string {
  const present = new Map(portal.tenants.map(({ value, version }) => [value.ars, version]))
  const moved = plan.tenants.filter((change) =>
    change.kind === 'create'
      ? present.has(change.tenant.ars)
      : present.get('former' in change ? change.former.ars : change.tenant.ars) !== change.expected,
  )
  const some = moved.slice(0, 5).map(({ tenant }) => `${tenant.ars} ${tenant.name}`)
  if (some.length === 0) return ', though not in what the plan changes'
  return `: ${some.join(', ')}${moved.length > some.length ? `, … (${moved.length})` : ''}`
}

/** Equal digests mean equal portals. */
export function portalDigest({ networks, tenants }: PortalState): string {
  return sha256(
    canonicalJson([
      networks.map(({ value, version }) => [value.account, version]).sort(),
      tenants.map(({ value, version, managed }) => [value.ars, version, managed]).sort(),
    ]),
  )
}

export const sha256 = (text: string): string => hash('sha256', text, 'hex')

const checksumOf = (body: object): string => sha256(canonicalJson(body))

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
