import { dirname, join, relative } from 'node:path'

/** Where an npm project has it. */
const IN_PROJECT = join('node_modules', 'ozgctl')

/**
 * Path of a file's schema as an editor finds it from the folder of the file: in the same checkout or
 * project, else where a project that depends on ozgctl has it. Paths that hold on this machine only are never
 * written.
 * @param root folder of this installation
 * @param name of the schema; that of manifests where nothing is said
 */
export function schemaPath(root: string, folder: string, name = 'network.json'): string {
  const schema = join('schemas', name)
  const project = root.endsWith(join('/', IN_PROJECT)) ? dirname(dirname(root)) : root
  const isOutside = relative(project, folder).startsWith('..')
  return isOutside ? join(IN_PROJECT, schema) : relative(folder, join(root, schema))
}
