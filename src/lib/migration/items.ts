import type { NewItem } from '../journal/model.ts'
import type { Tenant } from '../portal/model.ts'
import type { Definition } from './definition.ts'
import { wavesOf } from './waves.ts'

/** What an item of a migration does: a step for a tenant, or what lies between two waves. */
export type ItemInput =
  | { readonly kind: 'step'; readonly step: string }
  | { readonly kind: 'between'; readonly part: 'soak' | 'gate' | 'pause'; readonly wave: number }

/** Waves of the journal: those of the migration, with what lies between them. */
export const journalWave = (wave: number): number => 2 * wave
export const waveOfJournal = (wave: number): number => Math.floor(wave / 2)

/** All items of a run: per wave the steps of each tenant, chained, and behind it what opens the next. */
export function itemsOf(
  { steps, waves }: Pick<Definition, 'steps' | 'waves'>,
  tenants: readonly Tenant[],
): readonly NewItem[] {
  const all = wavesOf(tenants, { canary: waves?.canary ?? 0, sizes: waves?.sizes ?? [{ percent: 100 }] })
  return all.flatMap((wave, at) => [
    ...wave.flatMap((tenant) =>
      steps.map(({ id }, number) => ({
        wave: journalWave(at),
        key: tenant.ars,
        name: tenant.name,
        action: id,
        input: { kind: 'step', step: id } satisfies ItemInput,
        chained: number > 0,
      })),
    ),
    ...(at + 1 < all.length ? betweenOf(waves, at) : []),
  ])
}

function betweenOf(waves: Definition['waves'], wave: number): readonly NewItem[] {
  const parts = [
    ...(waves?.soak === undefined ? [] : (['soak'] as const)),
    ...(waves?.gate === undefined ? [] : (['gate'] as const)),
    ...(waves?.pause === true ? (['pause'] as const) : []),
  ]
  return parts.map((part, at) => ({
    wave: journalWave(wave) + 1,
    key: `wave-${wave + 1}`,
    name: '',
    action: part,
    input: { kind: 'between', part, wave } satisfies ItemInput,
    chained: at > 0,
  }))
}
