import { dirname, resolve } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { regionFlag } from '../../flags.ts'
import { writeFileAtomically } from '../../lib/output/atomic-file.ts'
import { refuseExisting } from '../../lib/output/existing-file.ts'
import { schemaPath } from '../../lib/tenant/schema-path.ts'
import { seedFromRegister } from '../../lib/tenant/seed.ts'
import { seedJson, seedYaml } from '../../lib/view/manifest.ts'
import { domainFlag, newManifestFlags } from '../../tenant-flags.ts'

export default class TenantSeed extends BaseCommand {
  static override summary = 'Write a manifest for a region from the register'
  static override description =
    `Names the county, its Verbände with several members (Samtgemeinden, Ämter, …) and its Gemeinden, with comments for
whoever reviews it. Gemeindefreie Gebiete are left out; a kreisfreie Stadt comes once.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --in 03459 > network.yaml',
    '<%= config.bin %> <%= command.id %> --in 03459 --domain portal.example.de --out network.yaml',
  ]
  static override flags = {
    in: regionFlag({ required: true, description: 'the region, e.g. a county' }),
    name: Flags.string({
      env: 'OZGCTL_NAME',
      helpValue: 'NAME',
      description: 'name of the network [default: that of the region]',
    }),
    domain: domainFlag({
      env: 'OZGCTL_DOMAIN',
      description: 'host names become SLUG.DOMAIN [default: none are written]',
    }),
    ...newManifestFlags,
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantSeed)
    if (flags.out !== undefined && !flags.force) refuseExisting(flags.out)
    return this.withStore(flags, 'read', async (store) => {
      const { seed, snapshot } = await seedFromRegister(store, flags.in, flags)
      const text = seedYaml(
        seed,
        snapshot,
        schemaPath(this.config.root, dirname(resolve(flags.out ?? 'x'))),
        flags.lang,
      )
      if (flags.out !== undefined) writeFileAtomically(flags.out, text)
      else if (!this.jsonEnabled()) await this.print(text)
      return seedJson(seed)
    })
  }
}
