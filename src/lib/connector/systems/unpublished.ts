import type { Affects, Category, System } from './model.ts'

interface Unpublished {
  readonly id: string
  readonly title: string
  readonly vendor: string
  readonly category: Category
  readonly affects: Affects
  /** What an operator can do about it: one or two sentences. */
  readonly remarks: string
}

/** Kinds that make sense where only the operator knows what the system answers. */
const GENERIC = ['health-json', 'soap', 'tls', 'tcp'] as const

/** A system whose interface nobody has published: how it is checked is left to whoever runs it. */
export const unpublished = (system: Unpublished): System => ({
  ...system,
  kind: 'http',
  alternatives: GENERIC,
  defaults: {},
  evidence: 'none',
  sources: ['No public description of an interface or of a health check was found.'],
  healthy:
    'Only its operator knows. Name an address that the system itself answers, and conditions that nothing but the working system meets.',
})

/** OZG-Leistungen by their ids, sorted. */
export const ozg = (...ids: readonly string[]): Affects => ({ ozg: ids.toSorted(), leistungen: [] })
