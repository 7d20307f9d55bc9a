import pLimit from 'p-limit'

/** What became of work on many things. */
export interface Together<R> {
  /** In the order of the things; undefined where nothing was begun, or where it failed. */
  readonly results: readonly (R | undefined)[]
  /** What the first that failed ended with. */
  readonly failed: { readonly error: unknown } | undefined
}

/**
 * Works on many things, so many at once. After the first that fails no other is begun, and when this comes back nothing is
 * under way any more: whoever goes on, or gives the work away, is alone.
 */
export async function together<T, R>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<R>,
): Promise<Together<R>> {
  const limit = pLimit(atOnce)
  let failed: Together<R>['failed']
  const results = await Promise.all(
    things.map((thing) =>
      limit(async () => {
        if (failed !== undefined) return undefined
        try {
          return await work(thing)
        } catch (error) {
          failed ??= { error }
          return undefined
        }
      }),
    ),
  )
  return { results, failed }
}
