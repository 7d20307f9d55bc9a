import { OzgctlError } from '../../src/lib/errors.ts'

/** The expected failure of `work`. Anything else, success included, fails the test. */
export async function failure(work: () => unknown): Promise<OzgctlError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof OzgctlError) return error
    throw error
  }
  throw new Error('it succeeded, but a failure was expected')
}
