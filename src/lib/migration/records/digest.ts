import { createHash, hash } from 'node:crypto'
import { canonicalJson } from '../../text.ts'
import type { Content, DataRecord } from './model.ts'

/**
 * Hash of a record, whatever the order of its fields: 16 bytes of SHA-256. A field that is empty (null) is like one that is
 * not there: systems differ in that.
 */
export function hashOf({ key, fields, content }: DataRecord): Buffer {
  let text = `${key.length}:${key}`
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name]
    if (value === null || value === undefined) continue
    // With their lengths, so that no two records read the same; written out here, for a million records pass.
    const plain = typeof value === 'string' ? value : canonicalJson(value)
    text += `${name.length}:${name}${typeof value === 'string' ? 's' : 'j'}${plain.length}:${plain}`
  }
  if (content !== undefined) text += `#${content.length ?? ''}`
  // As UTF-8 all halves of characters are one sign.
  return hash('sha256', text.isWellFormed() ? text : Buffer.from(text, 'utf16le'), 'buffer').subarray(0, 16)
}

/** The hash of a set: the sum of those of its members, so that their order does not matter. */
export class SetDigest {
  readonly #sum = new Uint32Array(4)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(member: Uint8Array): void {
    this.#count++
    for (let at = 0; at < 4; at++) {
      const from = 4 * at
      const lane =
        ((member[from] ?? 0) << 24) |
        ((member[from + 1] ?? 0) << 16) |
        ((member[from + 2] ?? 0) << 8) |
        (member[from + 3] ?? 0)
      this.#sum[at] = (this.#sum[at] ?? 0) + lane
    }
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return [...this.#sum].map((lane) => lane.toString(16).padStart(8, '0')).join('')
  }
}

/** A file whose bytes are hashed while somebody else reads them. */
export interface HashedContent extends Content {
  /** SHA-256 of the last reading that came to its end; undefined before. */
  readonly digest: () => Buffer | undefined
}

export function hashedContent(content: Content): HashedContent {
  let digest: Buffer | undefined
  return {
    ...content,
    digest: () => digest,
    open: async (signal) => {
      digest = undefined
      const bytes = await content.open(signal)
      return (async function* () {
        const sum = createHash('sha256')
        for await (const part of bytes) {
          sum.update(part)
          yield part
        }
        digest = sum.digest()
      })()
    },
  }
}

/** SHA-256 of a file. @throws HttpFailure when not all of it comes */
export async function contentHash(content: Content, signal: AbortSignal): Promise<Buffer> {
  const sum = createHash('sha256')
  for await (const part of await content.open(signal)) sum.update(part)
  return sum.digest()
}
