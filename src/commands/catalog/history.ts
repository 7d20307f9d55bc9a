import { HistoryCommand } from '../../history-command.ts'

export default class CatalogHistory extends HistoryCommand {
  static override summary = 'List the snapshots of the service catalogue: when, by whom, from what, how many'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  protected readonly kind = 'catalog'
}
