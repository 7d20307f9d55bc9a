import { HistoryCommand } from '../../history-command.ts'

export default class OfferHistory extends HistoryCommand {
  static override summary = 'List the snapshots of the offers: when, by whom, from what, how many'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  protected readonly kind = 'offer'
}
