import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import type { Definition } from './definition.ts'
import { frozenOf } from './freeze.ts'
import { loadDefinition, loadManifest, refuseOutside } from './load.ts'

/** What was found of a migration that is written right. */
export interface LintedMigration {
  readonly file: string
  readonly id: string
  readonly title: string
  readonly hash: string
  readonly steps: number
  readonly state: 'new' | 'frozen' | 'changed'
  readonly remarks: readonly string[]
}

/** Reads migrations with all that they name. @throws OzgctlError 65 with what is wrong */
export async function lintMigrations(
  context: Context,
  store: Store,
  files: readonly string[],
  data: readonly string[],
): Promise<readonly LintedMigration[]> {
  const found: LintedMigration[] = []
  for (const file of files) {
    const { definition, folder } = await loadDefinition(context, file)
    refuseOutside(definition, folder, data)
    const manifest = await loadManifest(store, definition, folder, data)
    const frozen = frozenOf(store, definition.id)
    found.push({
      file,
      id: definition.id,
      title: definition.title,
      hash: definition.hash,
      steps: definition.steps.length,
      state: frozen === undefined ? 'new' : frozen.hash === definition.hash ? 'frozen' : 'changed',
      remarks: remarksOn(definition, manifest !== undefined),
    })
  }
  return found
}

/** What is right and may be meant otherwise. */
function remarksOn({ steps, waves, budget, select }: Definition, hasManifest: boolean): readonly string[] {
  const never = steps.filter(({ behaviour, written }) => behaviour.undoable(written) === 'never')
  const needsManifest = steps.some(({ kind }) => kind.startsWith('connector.') || kind === 'health')
  return [
    ...never.map(({ id }) => `${id} cannot be taken back`),
    ...(waves === undefined ? ['all tenants at once: there is no canary'] : []),
    ...(select === undefined ? ['all tenants of the portal are meant'] : []),
    ...('percent' in budget && budget.percent === 100 ? ['any number of failures is borne'] : []),
    ...(needsManifest && !hasManifest ? ['connectors are declared in a manifest, and none is named'] : []),
  ]
}
