import { randomFrom } from '../../../bench/random.ts'

/** `npm run attack` tries all points; the tests of every day some, drawn by the seed. */
export const IS_LONG = process.env.OZGCTL_ATTACK === 'long'
/** Whoever looks for more gives another: OZGCTL_ATTACK_SEED=7 npm run attack. */
export const SEED = Number(process.env.OZGCTL_ATTACK_SEED ?? 20261127)

/**
 * The points that are tried: all in a long run, else so many of them, drawn by the seed. The order stays. Prints what
 * was drawn, so that a failure can be had again.
 */
export function drawn<Point>(name: string, all: readonly Point[], some: number): readonly Point[] {
  if (IS_LONG) {
    console.log(`attack ${name}: all ${all.length} points`)
    return all
  }
  const random = randomFrom(SEED)
  const order = all.map((_, at) => ({ at, by: random() })).sort((a, b) => a.by - b.by)
  const chosen = new Set(order.slice(0, some).map(({ at }) => at))
  console.log(`attack ${name}: ${chosen.size} of ${all.length} points, seed ${SEED}`)
  return all.filter((_, at) => chosen.has(at))
}

/** Every pair of one and the other. */
export const pairs = <A, B>(first: readonly A[], second: readonly B[]): readonly (readonly [A, B])[] =>
  first.flatMap((one) => second.map((other) => [one, other] as const))

/** Whole numbers from 1. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1)
