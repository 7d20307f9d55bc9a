import { existsSync } from 'node:fs'
import { usageError } from '../errors.ts'

/** For files that people go on to edit. @throws OzgctlError 64 when the file is there */
export function refuseExisting(path: string): void {
  if (existsSync(path))
    throw usageError('FILE_EXISTS', `${path} is already there`, ['Name another file, or add --force.'])
}
