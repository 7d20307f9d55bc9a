import { dirname, resolve } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { regionFlag } from '../../flags.ts'
import { writeFileAtomically } from '../../lib/output/atomic-file.ts'
import { refuseExisting } from '../../lib/output/existing-file.ts'
import { LOCAL_PORTAL } from '../../lib/portal/model.ts'
import { exportNetwork } from '../../lib/tenant/export.ts'
import { listTenants } from '../../lib/tenant/list.ts'
import { schemaPath } from '../../lib/tenant/schema-path.ts'
import { exportJson, exportYaml } from '../../lib/view/manifest.ts'
import { newManifestFlags, portalFlags, selectionOf, storeUseOf } from '../../tenant-flags.ts'

export default class TenantExport extends BaseCommand {
  static override summary = 'Write the manifest of what a portal has'
  static override description =
    `One network as a manifest: applied again, it changes nothing. Tenants that ozgctl does not manage are left out; adopt them
with a manifest from "tenant seed".`
  static override examples = [
    '<%= config.bin %> <%= command.id %> > network.yaml',
    '<%= config.bin %> <%= command.id %> --portal test --network lkos --out network.yaml --force',
  ]
  static override flags = {
    portal: portalFlags.portal,
    network: Flags.string({
      helpValue: 'ACCOUNT',
      description: 'account of the network; needed when there are several',
    }),
    in: regionFlag({ description: 'only tenants in this region' }),
    ...newManifestFlags,
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantExport)
    if (flags.out !== undefined && !flags.force) refuseExisting(flags.out)
    const portal = flags.portal ?? LOCAL_PORTAL
    return this.withStore(flags, storeUseOf(portal), async (store, context) => {
      const { networks, tenants } = await listTenants(context, store, portal, await selectionOf(flags))
      const exported = exportNetwork(portal, networks, tenants, flags.network)
      const schema = schemaPath(this.config.root, dirname(resolve(flags.out ?? 'x')))
      const text = exportYaml(exported, schema, flags.lang)
      if (flags.out !== undefined) writeFileAtomically(flags.out, text)
      else if (!this.jsonEnabled()) await this.print(text)
      return exportJson(exported)
    })
  }
}
