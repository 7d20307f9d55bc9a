import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { loginStatus } from '../../lib/tenant/login.ts'
import { noProfiles, statusColumns, statusJson } from '../../lib/view/auth.ts'

export default class AuthStatus extends BaseCommand {
  static override summary = 'Show the profiles and where their credentials come from'
  static override description =
    'Asks no portal and shows no secret. Ends with 6 when a profile has no credentials that can be used.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> test --json',
  ]
  static override args = {
    profile: Args.string({ required: false, ignoreStdin: true, description: 'only this one' }),
  }
  static override flags = { ...outputFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthStatus)
    const rows = await loginStatus(this.context(flags), args.profile)
    if (rows.some(({ problem }) => problem !== null)) process.exitCode = EXIT.unauthorised
    return this.present(flags, {
      json: statusJson(rows),
      columns: statusColumns(flags.lang),
      rows,
      empty: noProfiles(flags.lang),
    })
  }
}
