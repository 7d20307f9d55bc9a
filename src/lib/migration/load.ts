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
import type { Json } from './records/model.ts'

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

/** Settings of steps that are paths. */
const PATHS = ['path', 'ca']

/**
 * Refuses a migration that names files outside of its folder, before anything of it is done.
 * @throws OzgctlError 65 PATH_OUTSIDE
 */
export function refuseOutside(
  { steps, select }: Pick<Definition, 'steps' | 'select'>,
  folder: string,
  data: readonly string[],
): void {
  const look = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value) as [string, Json][]) {
      const isPath = !Array.isArray(value) && PATHS.includes(name) && typeof inner === 'string'
      // With a placeholder it is judged when it is filled.
      if (isPath && !inner.includes('${')) pathInside(inner, folder, data)
      else look(inner)
    }
  }
  for (const { written } of steps) look(written)
  if (select?.file !== undefined) pathInside(select.file, folder, data)
}
