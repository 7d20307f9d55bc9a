import { dirname, resolve } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { draftMigration } from '../../lib/migration/new.ts'
import { writeFileAtomically } from '../../lib/output/atomic-file.ts'
import { refuseExisting } from '../../lib/output/existing-file.ts'
import { schemaPath } from '../../lib/tenant/schema-path.ts'
import { draftJson, draftYaml } from '../../lib/view/migration-draft.ts'
import { newManifestFlags, portalFlags } from '../../tenant-flags.ts'

export default class MigrationNew extends BaseCommand {
  static override summary = 'Write a migration for the keys and regions that changed between two snapshots'
  static override description =
    `Compares two snapshots of the register, of the catalogue, or of both, and writes a migration for the tenants that are
concerned: new register keys (tenant.rekey) and superseded LeiKa keys (leistung.remap). Pairs that are not certain are written
as remarks with candidates: a person decides. Without snapshots the last two are compared.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --from-region-diff region-1 region-2 --out migrations/hanau.yaml',
    '<%= config.bin %> <%= command.id %> --from-catalog-diff catalog-3 catalog-4',
    '<%= config.bin %> <%= command.id %> --from-region-diff --from-catalog-diff',
  ]
  static override args = {
    from: Args.string({
      ignoreStdin: true,
      description: 'snapshot, as history names it [default: the last but one]',
    }),
    to: Args.string({ ignoreStdin: true, description: 'snapshot to compare with [default: the newest]' }),
  }
  static override flags = {
    'from-catalog-diff': Flags.boolean({
      description: 'for LeiKa keys that the catalogue has no longer',
    }),
    'from-region-diff': Flags.boolean({
      description: 'for regions whose keys changed',
    }),
    ...portalFlags,
    ...newManifestFlags,
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationNew)
    if (flags.out !== undefined && !flags.force) refuseExisting(flags.out)
    return this.withStore(flags, 'read', async (store, context) => {
      const draft = await draftMigration(context, store, {
        portal: flags.portal ?? 'local',
        catalog: flags['from-catalog-diff'],
        region: flags['from-region-diff'],
        from: args.from,
        to: args.to,
      })
      const folder = dirname(resolve(flags.out ?? 'x'))
      const text = draftYaml(draft, schemaPath(this.config.root, folder, 'migration.json'))
      if (flags.out !== undefined) writeFileAtomically(flags.out, text)
      else if (!this.jsonEnabled()) await this.print(text)
      return draftJson(draft)
    })
  }
}
