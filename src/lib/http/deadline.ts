/** A signal that is aborted at the end of a time, or when the caller's is. */
export interface Limit {
  readonly signal: AbortSignal
  /** Lets go of timer and caller: to be called whatever happened. */
  end(): void
}

/** Cheaper than `AbortSignal.any` and `AbortSignal.timeout`, which cost more than a small request. */
export function limit(milliseconds: number, signal: AbortSignal | undefined): Limit {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(
    () => controller.abort(new DOMException('it took too long', 'TimeoutError')),
    milliseconds,
  )
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Whether the time of a `limit` itself was over, and not that of the caller. */
export const ranOut = ({ reason }: AbortSignal): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError'

/**
 * Does some work within a time, with one signal for all its requests that is aborted at its end, or when the caller's
 * is.
 */
export async function within<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const limited = limit(milliseconds, signal)
  try {
    return await work(limited.signal)
  } finally {
    limited.end()
  }
}
