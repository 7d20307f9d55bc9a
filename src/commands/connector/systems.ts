import { Args, Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { findSystems } from '../../lib/connector/systems/find.ts'
import { CATEGORIES } from '../../lib/connector/systems/model.ts'
import { systemColumns, systemsJson, systemsLine, systemText } from '../../lib/view/systems.ts'

export default class ConnectorSystems extends BaseCommand {
  static override summary = 'List the systems that ozgctl knows how to check'
  static override description =
    'With a system: how it is asked, how well its interface is known, and which services do not work without it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --category payment',
    '<%= config.bin %> <%= command.id %> epaybl',
  ]
  static override args = {
    system: Args.string({ ignoreStdin: true, description: 'id of one system, to see all of it' }),
  }
  static override flags = {
    ...outputFlags,
    category: Flags.option({
      options: CATEGORIES,
      description: 'only systems of this category',
    })(),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ConnectorSystems)
    const systems = findSystems(args.system, flags.category)
    const [only] = systems
    return this.present(flags, {
      json: systemsJson(systems),
      columns: systemColumns,
      rows: args.system === undefined ? systems : [],
      after: systemsLine(systems, flags.lang),
      ...(args.system === undefined || only === undefined ? {} : { empty: systemText(only) }),
    })
  }
}
