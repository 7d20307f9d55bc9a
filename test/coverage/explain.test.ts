import { expect, test } from 'vitest'
import { type ExplainInput, explain } from '../../src/lib/coverage/explain.ts'
import type { CandidateInView } from '../../src/lib/coverage/view.ts'
import type { Offer } from '../../src/lib/offer/model.ts'
import type { RegionKey, Source } from '../../src/lib/region/key.ts'
import { leika } from '../support/coverage.ts'

function offer(key: number, more: Partial<Offer> = {}): Offer {
  return {
    region: '' as RegionKey,
    key: leika(key),
    reifegrad: 2,
    assumed: false,
    url: '',
    authority: '',
    validFrom: null,
    validTo: null,
    ...more,
  }
}

const candidate = (
  source: Source,
  inView: boolean,
  offers: readonly Offer[],
  sharedBy: CandidateInView['sharedBy'] = null,
) => ({
  key: source as string as RegionKey,
  name: source,
  source,
  inView,
  sharedBy,
  offers,
})

const base: Omit<ExplainInput, 'candidates'> = {
  keysInScope: [leika(1), leika(2)],
  minReifegrad: 2,
  asOf: '2026-11-23',
  all: false,
}

test('every offer gets its verdict', () => {
  const offers = [
    offer(1, { reifegrad: 1 }),
    offer(1, { validFrom: '2026-11-24' }),
    offer(1, { validTo: '2026-11-22' }),
    offer(1, { validFrom: '2026-11-23', validTo: '2026-11-23' }),
    offer(9),
  ]
  const { candidates, covered, source, offeredKeys } = explain({
    ...base,
    candidates: [
      candidate('own', true, offers),
      candidate('kreis', false, [offer(2)]),
      candidate('land', true, []),
    ],
  })
  expect(candidates.map(({ offers }) => offers.map(({ verdict }) => verdict))).toEqual([
    ['reifegrad-too-low', 'not-yet-valid', 'expired', 'counts', 'key-not-in-scope'],
    ['not-in-view'],
    [],
  ])
  expect({ covered, source, offeredKeys }).toEqual({ covered: true, source: 'own', offeredKeys: [leika(1)] })
})

test('rule all asks for every key, whoever offers it; the source is the most specific that contributes', () => {
  const candidates = [candidate('kreis', true, [offer(2)]), candidate('bund', true, [offer(1)])]
  expect(explain({ ...base, all: true, candidates })).toMatchObject({ covered: true, source: 'kreis' })
  expect(explain({ ...base, all: true, candidates: candidates.slice(0, 1) })).toMatchObject({
    covered: false,
    source: null,
    offeredKeys: [leika(2)],
  })
  expect(explain({ ...base, keysInScope: [], all: true, candidates })).toMatchObject({ covered: false })
})

test('what is shared counts key by key and names its rule; what needs no sharing names none', () => {
  const rule = { portal: 'local', account: 'os', rule: 'a' }
  const { candidates, source } = explain({
    ...base,
    candidates: [
      candidate('own', true, [offer(9)]),
      candidate('kreis', true, [offer(1, { reifegrad: 1 }), offer(2)], (key) =>
        key === leika(1) ? rule : undefined,
      ),
      candidate('member', true, [offer(2)], () => rule),
    ],
  })
  expect(
    candidates.flatMap(({ offers }) => offers.map(({ verdict, sharedBy }) => [verdict, sharedBy])),
  ).toEqual([
    ['key-not-in-scope', null],
    ['reifegrad-too-low', rule],
    ['not-in-view', null],
    ['counts', rule],
  ])
  expect(source).toBe('member')
})
