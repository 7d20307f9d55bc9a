import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Context } from '../context.ts'
import { readDocument } from '../input/document.ts'
import type { Store } from '../store/sqlite.ts'
import { MAX_MANIFEST_BYTES, type Manifest, readManifests } from '../tenant/manifest.ts'
import { expandManifestFiles } from '../tenant/manifest-files.ts'
import { loadRegionsIfAny } from '../tenant/regions.ts'
import { type Definition, MAX_MIGRATION_BYTES, readDefinition } from './definition.ts'
import { pathInside } from './paths.ts'
import { pathsIn } from './settings.ts'

/** A migration from a file, with the folder that its paths start from. @throws OzgctlError 65 MIGRATION_INVALID */
export async function loadDefinition(
  context: Pick<Context, 'stdin'>,
  file: string,
): Promise<{ readonly definition: Definition; readonly folder: string }> {
  const document = await readDocument(file, context.stdin, MAX_MIGRATION_BYTES)
  const folder = file === '-' ? resolve('.') : dirname(resolve(file))
  return { definition: await readDefinition(document), folder }
}

/**
 * The manifests that a migration names.
 * @returns undefined where it names none
 * @throws OzgctlError 65 PATH_OUTSIDE, MANIFEST_INVALID
 */
export async function loadManifest(
  store: Store,
  { manifest }: Pick<Definition, 'manifest'>,
  folder: string,
  data: readonly string[],
): Promise<Manifest | undefined> {
  if (manifest.length === 0) return undefined
  const files = await expandManifestFiles(manifest.map((path) => pathInside(path, folder, data)))
  const documents = []
  for (const file of files) documents.push(await readDocument(file, Readable.from([]), MAX_MANIFEST_BYTES))
  return readManifests(documents, await loadRegionsIfAny(store))
}

/**
 * Refuses a migration that names files outside of its folder, before anything of it is done.
 * @throws OzgctlError 65 PATH_OUTSIDE
 */
export function refuseOutside(
  { steps, select }: Pick<Definition, 'steps' | 'select'>,
  folder: string,
  data: readonly string[],
): void {
  const paths = steps.flatMap(({ written, behaviour }) => pathsIn(behaviour.settings, written))
  // With a placeholder it is judged when it is filled.
  for (const path of [...paths, ...(select?.file === undefined ? [] : [select.file])])
    if (!path.includes('${')) pathInside(path, folder, data)
}
