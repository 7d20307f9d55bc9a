import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../errors.ts'

/**
 * Files of manifests: a folder stands for all that end in `.yaml` or `.yml` in it, by name, not hidden ones and not those in
 * folders below. Everything else stays as it is named; what is missing is told by whoever reads it.
 * @throws OzgctlError 65 FOLDER_EMPTY
 */
export async function expandManifestFiles(paths: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(paths.map(expand))).flat()
}

async function expand(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await isFolder(path))) return [path]
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.ya?ml$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
  if (names.length === 0)
    throw badInput('FOLDER_EMPTY', 'there is no file .yaml or .yml in this folder', { file: path })
  return names.map((name) => join(path, name))
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
