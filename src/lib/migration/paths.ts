import { realpathSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { badInput } from '../errors.ts'

/**
 * A path that a migration names, if it leads to a place that the operator meant: the folder of the file, or one that was
 * allowed by name. Links are followed before it is judged.
 * @param folder of the migration
 * @param allowed further folders, absolute
 * @throws OzgctlError 65 PATH_OUTSIDE
 */
export function pathInside(path: string, folder: string, allowed: readonly string[] = []): string {
  const whole = resolve(folder, path)
  const real = realOf(whole)
  if ([folder, ...allowed].some((root) => isIn(real, realOf(resolve(root))))) return whole
  throw badInput('PATH_OUTSIDE', `${path} leads out of the folder of the migration`, {}, [
    'Put the file beside the migration, or allow its folder: --data FOLDER.',
  ])
}

/** Whether a path is another or lies below it. */
export function isIn(path: string, root: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** Without links, as far as the path exists. */
export function realOf(path: string): string {
  const missing: string[] = []
  for (let at = path; ; ) {
    try {
      return [realpathSync(at), ...missing].join(sep)
    } catch {
      const above = resolve(at, '..')
      if (above === at) return path
      missing.unshift(at.slice(above.length).replaceAll(sep, ''))
      at = above
    }
  }
}
