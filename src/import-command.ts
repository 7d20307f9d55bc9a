import { BaseCommand } from './base-command.ts'
import { filesArg, importFlags, withImportOptions } from './import-flags.ts'
import type { Context } from './lib/context.ts'
import type { ImportOptions, ImportResult } from './lib/snapshot/importing.ts'
import type { Store } from './lib/store/sqlite.ts'
import { importJson, importText } from './lib/view/import.ts'

/** `import` of one kind of snapshot. A dry run does not even create the store. */
export abstract class ImportCommand extends BaseCommand {
  static override args = filesArg
  static override flags = importFlags
  protected abstract readonly import: (
    context: Context,
    store: Store,
    options: ImportOptions,
  ) => Promise<ImportResult>

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ImportCommand)
    return this.withStore(flags, flags['dry-run'] ? 'read-if-any' : 'create', async (store, context) => {
      const result = await withImportOptions({ ...flags, ...args }, (options) =>
        this.import(context, store, options),
      )
      const { id, kind } = result.snapshot
      if (!result.dryRun) this.workIsDone(`${id} is active`, `See: ozgctl ${kind} history`)
      if (!this.jsonEnabled()) await this.print(importText(result, flags.lang))
      return this.withWarnings(importJson(result))
    })
  }
}
