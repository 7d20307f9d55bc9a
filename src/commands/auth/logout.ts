import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { eraseCredentials } from '../../lib/config/credentials.ts'
import { resolveProfile } from '../../lib/config/profiles.ts'
import { loginStatus } from '../../lib/tenant/login.ts'
import { logoutJson, logoutText } from '../../lib/view/auth.ts'

export default class AuthLogout extends BaseCommand {
  static override summary = 'Erase the credentials of a portal'
  static override description =
    'The address of the portal stays in config.yaml. What was issued stays valid until it is revoked in the portal.'
  static override examples = ['<%= config.bin %> <%= command.id %> test']
  static override args = {
    profile: Args.string({ required: true, ignoreStdin: true, description: 'name of the profile' }),
  }
  static override flags = {
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      default: false,
      description: 'show what would be erased and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthLogout)
    const context = this.context(flags)
    const profile = await resolveProfile(args.profile, context)
    const dryRun = flags['dry-run']
    const from = dryRun
      ? ((await loginStatus(context, args.profile))[0]?.from ?? undefined)
      : await eraseCredentials(profile, context, context.uid)
    if (!dryRun) this.workIsDone(`the credentials of ${args.profile} are erased`, 'See: ozgctl auth status')
    if (!this.jsonEnabled()) await this.print(logoutText(args.profile, from, dryRun, flags.lang))
    return logoutJson(args.profile, from, dryRun)
  }
}
