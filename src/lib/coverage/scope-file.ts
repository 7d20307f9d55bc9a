import { badInput } from '../errors.ts'
import { decode } from '../input/decode.ts'
import { linesOf } from '../input/lines.ts'
import { openSources } from '../input/source.ts'
import { type LeikaKey, parseLeikaKey } from '../leika/key.ts'
import type { ScopeChoice } from './scope.ts'

const OZG_ID = /^1\d{4}$/

/**
 * Reads a list of what counts: on each line an id of an OZG-Leistung or a LeiKa key, in the first column where there
 * are several; `#` begins a remark. A header line is passed over.
 * @throws OzgctlError 65 naming the line that is neither, or when the list is empty
 */
export async function readScopeFile(path: string): Promise<ScopeChoice> {
  const ozgIds = new Set<string>()
  const keys = new Set<LeikaKey>()
  for await (const source of openSources([path])) {
    for await (const { line, number } of linesOf(decode(source), source.name)) {
      const cell = firstCell(line)
      if (cell === '') continue
      const key = parseLeikaKey(cell)
      if (OZG_ID.test(cell)) ozgIds.add(cell)
      else if (key.ok) keys.add(key.value)
      else if (number > 1 || !/^[a-z_]+$/i.test(cell))
        throw badInput(
          'SCOPE_LINE',
          `${JSON.stringify(cell.slice(0, 40))} is neither the id of an OZG-Leistung nor a LeiKa key`,
          { file: source.name, line: number, column: 1 },
          ['Write one id (five digits) or key (14 digits) on each line; # begins a remark.'],
        )
    }
  }
  if (ozgIds.size + keys.size === 0)
    throw badInput('SCOPE_EMPTY', 'the list names no OZG-Leistung', { file: path }, [
      'Write one id (five digits) or key (14 digits) on each line.',
    ])
  return { kind: 'list', name: path, ozgIds, keys }
}

const firstCell = (line: string): string =>
  (line.replace(/#.*/, '').split(/[;,\t]/)[0] ?? '').trim().replace(/^"(.*)"$/, '$1')
