import { HttpFailure } from '../../http/failure.ts'

/** There is no file of this record, or nobody may read it: the record is set aside, and to ask again is no use. */
export class ContentRefused extends HttpFailure {
  constructor(message: string) {
    super('protocol', 'no', message)
    this.name = 'ContentRefused'
  }
}
