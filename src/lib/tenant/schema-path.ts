import { dirname, join, relative } from 'node:path'

/** Where an npm project has it. */
const IN_PROJECT = join('node_modules', 'ozgctl')
const SCHEMA = join('schemas', 'network.json')

/**
 * Path of the manifest's schema as an editor finds it from the manifest's folder: in the same checkout or
 * project, else where a project that depends on ozgctl has it. Paths that hold on this machine only are never
 * written.
 * @param root folder of this installation
 */
export function schemaPath(root: string, folder: string): string {
  const project = root.endsWith(join('/', IN_PROJECT)) ? dirname(dirname(root)) : root
  const isOutside = relative(project, folder).startsWith('..')
  return isOutside ? join(IN_PROJECT, SCHEMA) : relative(folder, join(root, SCHEMA))
}
