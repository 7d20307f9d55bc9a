import { realpathSync, statSync } from 'node:fs'
import { usageError } from './errors.ts'

/** Real paths of the files that this process works from, and of those that its results are for. */
const inputs = new Set<string>()
const outputs = new Set<string>()

/** Says that this process works from a file. @throws OzgctlError 64 OUTPUT_IN_USE when a result is to replace it */
export function useAsInput(path: string): void {
  use(path, inputs, outputs)
}

/** Says that a result is for a file. @throws OzgctlError 64 OUTPUT_IN_USE when this process works from it */
export function useAsOutput(path: string): void {
  use(path, outputs, inputs)
}

function use(path: string, as: Set<string>, other: ReadonlySet<string>): void {
  const real = existingFile(path)
  if (real === undefined) return
  if (other.has(real))
    throw usageError(
      'OUTPUT_IN_USE',
      `${path} is what this command works from; its result would replace it`,
      ['Name another file for the result.'],
    )
  as.add(real)
}

/** Undefined where nothing stands that could be replaced; a device or a pipe never is. */
function existingFile(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isFile() ? real : undefined
  } catch {
    return undefined
  }
}
