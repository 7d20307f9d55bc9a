import { Readable } from 'node:stream'
import { badDocument, type Problem } from '../errors.ts'
import { readDocument } from '../input/document.ts'
import { parseRegionKey } from '../region/key.ts'

const MAX_BYTES = 4 << 20

/**
 * Keys of tenants, in canonical form, from a file, one a line; what stands behind `#` is a remark.
 * @throws OzgctlError 65 with every line that holds no key
 */
export async function readKeyFile(path: string): Promise<ReadonlySet<string>> {
  const { file, text } = await readDocument(path, Readable.from([]), MAX_BYTES)
  const keys = new Set<string>()
  const problems: Problem[] = []
  text.split(/\r?\n/).forEach((line, at) => {
    const value = line.replace(/#.*/, '').trim()
    if (value === '') return
    const key = parseRegionKey(value)
    if (key.ok) keys.add(key.value)
    else
      problems.push({
        code: key.reason,
        place: { file, line: at + 1 },
        path: '',
        message: `${JSON.stringify(value)} is no key of a region (${key.reason})`,
        value,
      })
  })
  if (problems.length > 0) throw badDocument('KEY_FILE_INVALID', problems)
  return keys
}
