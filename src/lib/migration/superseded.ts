import type { CatalogDiff } from '../catalog/diff.ts'
import type { Leistung } from '../catalog/model.ts'
import { foldText } from '../text.ts'

/**
 * Why one key is taken for the successor of another: they bear the same name, or are the same Leistung with the same
 * Verrichtung and differ in the Verrichtungsdetail alone (LeiKa-Schlüssel: 99 GGG KKK VVV DDD).
 */
export type Evidence = 'same-name' | 'same-leistung'

export interface Supersession {
  readonly from: Pick<Leistung, 'key' | 'name'>
  readonly to: Pick<Leistung, 'key' | 'name'>
  readonly evidence: Evidence
}

export interface Superseded {
  /** By the former key. */
  readonly certain: readonly Supersession[]
  /** Keys that are gone, with those that may have come in their place; none where nothing is like them. */
  readonly undecided: readonly {
    readonly from: Pick<Leistung, 'key' | 'name'>
    readonly candidates: readonly Pick<Leistung, 'key' | 'name'>[]
  }[]
}

const CANDIDATES = 3

/**
 * Which of the keys that a catalogue has no longer live on under another one. The catalogue itself does not say: a pair is
 * certain only where on both sides exactly one fits.
 */
export function supersededKeys({
  leistungen: { added, removed },
}: Pick<CatalogDiff, 'leistungen'>): Superseded {
  const byName = pairs(removed, added, ({ name }) => foldText(name), 'same-name')
  const left = (list: readonly Leistung[], side: 'from' | 'to'): readonly Leistung[] => {
    const taken = new Set(byName.map((pair) => pair[side].key))
    return list.filter(({ key }) => !taken.has(key))
  }
  const byLeistung = pairs(
    left(removed, 'from'),
    left(added, 'to'),
    ({ key }) => key.slice(0, 11),
    'same-leistung',
  )
  const certain = [...byName, ...byLeistung].sort((a, b) => (a.from.key < b.from.key ? -1 : 1))
  const done = new Set(certain.map(({ from }) => from.key))
  const free = added.filter(({ key }) => !certain.some(({ to }) => to.key === key))
  return {
    certain,
    undecided: removed
      .filter(({ key }) => !done.has(key))
      .map((from) => ({
        from: ref(from),
        candidates: free
          .filter(({ key }) => key.slice(0, 8) === from.key.slice(0, 8))
          .slice(0, CANDIDATES)
          .map(ref),
      })),
  }
}

function pairs(
  gone: readonly Leistung[],
  fresh: readonly Leistung[],
  mark: (leistung: Leistung) => string,
  evidence: Evidence,
): readonly Supersession[] {
  const leaving = Map.groupBy(gone, mark)
  const coming = Map.groupBy(fresh, mark)
  return gone.flatMap((from) => {
    const [to, another] = coming.get(mark(from)) ?? []
    const isOnly = to !== undefined && another === undefined && leaving.get(mark(from))?.length === 1
    return isOnly && mark(from) !== '' ? [{ from: ref(from), to: ref(to), evidence }] : []
  })
}

const ref = ({ key, name }: Leistung) => ({ key, name })
