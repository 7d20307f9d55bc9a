import { hash } from 'node:crypto'
import { canonicalJson } from '../text.ts'
import type { Json, JsonObject } from './records/model.ts'

/** Words for people: what they say changes nothing of what is done. */
const FOR_PEOPLE = ['schemaVersion', 'title', 'reason', 'author'] as const

/** What a migration does, without comments, order of fields, formatting and words for people. */
function meaningOf(document: JsonObject): JsonObject {
  const entries = Object.entries(document).filter(([name]) => !FOR_PEOPLE.some((one) => one === name))
  return {
    ...Object.fromEntries(entries),
    ...(Array.isArray(document.steps) ? { steps: document.steps.map(withoutTitle) } : {}),
  }
}

function withoutTitle(step: Json): Json {
  if (typeof step !== 'object' || step === null || Array.isArray(step)) return step
  return Object.fromEntries(Object.entries(step).filter(([name]) => name !== 'title'))
}

/** Semantic hash of a migration: equal for files that do the same. 64 hexadecimal digits. */
export const migrationHash = (document: JsonObject): string =>
  hash('sha256', canonicalJson(meaningOf(document)), 'hex')

/** One place in which two documents differ. */
export interface Difference {
  /** E.g. `steps.address.url`; steps are named by their ids. */
  readonly path: string
  /** As canonical JSON; null where there is nothing. */
  readonly former: string | null
  readonly present: string | null
}

/** What is different between two migrations in what they do, by path. */
export function differencesOf(former: JsonObject, present: JsonObject): readonly Difference[] {
  const [a, b] = [leaves(meaningOf(former)), leaves(meaningOf(present))]
  return [...new Set([...a.keys(), ...b.keys()])]
    .sort()
    .filter((path) => a.get(path) !== b.get(path))
    .map((path) => ({ path, former: a.get(path) ?? null, present: b.get(path) ?? null }))
}

function leaves(value: Json, path = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return found.set(path, canonicalJson(value))
  for (const [name, inner] of Object.entries(value)) {
    const step =
      Array.isArray(value) && typeof inner === 'object' && inner !== null ? stepName(inner, name) : name
    leaves(inner as Json, path === '' ? step : `${path}.${step}`, found)
  }
  // That steps changed places is a difference, too.
  if (Array.isArray(value) && path === 'steps')
    found.set('steps', canonicalJson(value.map((step: Json, at) => stepName(step, String(at)))))
  return found
}

const stepName = (value: Json, fallback: string): string =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : fallback
