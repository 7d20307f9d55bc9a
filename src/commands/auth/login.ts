import { resolve } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { storeCredentials } from '../../lib/config/credentials.ts'
import { checkedUrl, LAYOUTS, profileWith } from '../../lib/config/profiles.ts'
import { writeProfile } from '../../lib/config/write-profile.ts'
import { usageError } from '../../lib/errors.ts'
import { verifyLogin } from '../../lib/tenant/login.ts'
import { isLabel } from '../../lib/tenant/names.ts'
import { loginJson, loginText } from '../../lib/view/auth.ts'
import { readSecret } from '../../secret-input.ts'

export default class AuthLogin extends BaseCommand {
  static override summary = 'Keep the address and the credentials of a portal'
  static override description =
    `Reads the client secret from standard input, hidden on a terminal, and checks it with the portal before anything is kept.
The address goes into config.yaml, which holds no secret; the credentials into a file with mode 0600 beside it, or into the
program ozgctl-credential-NAME of --helper.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> test --url https://portal-test.example.de --client-id ozgctl',
    '<%= config.bin %> <%= command.id %> prod --url https://portal.example.de --client-id ozgctl --helper vault < secret.txt',
  ]
  static override args = {
    profile: Args.string({ required: true, ignoreStdin: true, description: 'name of the profile' }),
  }
  static override flags = {
    url: Flags.string({ env: 'OZGCTL_URL', helpValue: 'URL', description: 'address of the portal' }),
    layout: Flags.option({
      options: LAYOUTS,
      env: 'OZGCTL_LAYOUT',
      description: 'what a tenant gets besides its organization [default: site]',
    })(),
    'ca-file': Flags.string({
      env: 'OZGCTL_CA_FILE',
      helpValue: 'FILE',
      description: 'certificates of authorities to trust besides the known ones, PEM',
    }),
    'client-id': Flags.string({
      env: 'OZGCTL_CLIENT_ID',
      helpValue: 'ID',
      required: true,
      description: 'id of the OAuth 2 application',
    }),
    helper: Flags.string({
      env: 'OZGCTL_HELPER',
      helpValue: 'NAME',
      description: 'keep the credentials with the program ozgctl-credential-NAME',
    }),
    verify: Flags.boolean({
      env: 'OZGCTL_VERIFY',
      allowNo: true,
      default: true,
      description: 'ask the portal for a token first',
    }),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      default: false,
      description: 'check the credentials and keep nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthLogin)
    const name = args.profile
    if (!isLabel(name) || name === 'local')
      throw usageError('PROFILE_INVALID', `"${name}" is no name for a profile`, [
        'Use a to z, 0 to 9 and hyphens inside; local is the portal in the store.',
      ])
    const context = this.context(flags)
    const caFile = flags['ca-file'] === undefined ? undefined : resolve(flags['ca-file'])
    if (flags.url !== undefined) checkedUrl(name, flags.url)
    const fields = { url: flags.url, layout: flags.layout, caFile, helper: flags.helper }
    const profile = await profileWith(name, fields, context)
    const clientId = flags['client-id']
    const clientSecret = await readSecret(`Client secret for ${name} (${profile.url.origin}): `)
    if (flags.verify) await verifyLogin(profile, { clientId, clientSecret }, context)
    const dryRun = flags['dry-run']
    // The address first: it is worth nothing without the secret, and the other way round it would be in the way.
    if (!dryRun) await writeProfile(name, fields, context)
    const stored = dryRun
      ? null
      : await storeCredentials(profile, clientId, clientSecret, context, context.uid)
    if (!dryRun) this.workIsDone(`the credentials of ${name} are kept`, 'See: ozgctl auth status')
    const result = { profile: name, dryRun, verified: flags.verify, stored }
    if (!this.jsonEnabled()) await this.print(loginText(result, flags.lang))
    return loginJson(result)
  }
}
