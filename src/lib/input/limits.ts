import { badInput } from '../errors.ts'
import type { SourceFacts } from './source.ts'

/** The most that an import of one kind takes: well above what there is, and little enough to be held in memory. */
export interface InputLimits {
  /** What it is that nobody has more of, e.g. "a register of municipalities". */
  readonly of: string
  readonly records: number
  /** After decompression. */
  readonly bytes: number
}

/** Counts what is read, over all files of a call: ten thousand members of an archive are as much as one long file. */
export class Tally {
  readonly #limits: InputLimits | undefined
  #records = 0
  #bytes = 0

  constructor(limits: InputLimits | undefined) {
    this.#limits = limits
  }

  /** @throws OzgctlError 65 INPUT_TOO_LARGE */
  record(facts: SourceFacts): void {
    facts.records++
    this.#records++
    const { records } = this.#limits ?? {}
    if (records !== undefined && this.#records > records) this.#refuse(facts.name, `${records} records`)
  }

  /** @throws OzgctlError 65 INPUT_TOO_LARGE */
  async *bytes(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
    const { bytes } = this.#limits ?? {}
    for await (const chunk of chunks) {
      this.#bytes += chunk.length
      if (bytes !== undefined && this.#bytes > bytes) this.#refuse(file, `${bytes / 2 ** 20} MiB`)
      yield chunk
    }
  }

  #refuse(file: string, much: string): never {
    throw badInput(
      'INPUT_TOO_LARGE',
      `the input is larger than ${this.#limits?.of} ever is: ${much}`,
      { file },
      ['Ask the sender what this file is; nothing of it was used.'],
    )
  }
}
