import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { badInput } from '../errors.ts'
import { readSmallFile } from './reader.ts'

/**
 * Files that the `index.txt` of an XZuFi transfer names, in its order. PVOG Sammlerdienst: an empty index aborts,
 * and a missing file must not pass for a deletion, so it aborts as well.
 * @throws OzgctlError 65 for an empty index, a name outside the folder, a name twice or a missing file
 */
export function readIndex(path: string): readonly string[] {
  const lines = readSmallFile(path)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  const files: string[] = []
  lines.forEach((line, at) => {
    const name = line.trim()
    if (name === '') return
    const place = { file: 'index.txt', line: at + 1 }
    if (!/^[\w. -]+$/.test(name) || name.startsWith('.'))
      throw badInput('INDEX_NAME', `"${printable(name)}" is no plain file name`, place, [
        'An index names files of its own folder, one on each line.',
      ])
    const file = join(dirname(path), name)
    if (files.includes(file))
      throw badInput('INDEX_TWICE', `"${name}" is named twice`, place, [
        'Remove one of the lines, or fetch the whole transfer again.',
      ])
    if (!isFile(file)) {
      throw badInput('INDEX_MISSING_FILE', `"${name}" is not there`, place, [
        'Fetch the whole transfer again: an incomplete one would delete services.',
      ])
    }
    files.push(file)
  })
  if (files.length === 0)
    throw badInput('INDEX_EMPTY', 'the index names no file', { file: 'index.txt' }, [
      'Fetch the whole transfer again: an empty one would delete all services.',
    ])
  return files
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const printable = (text: string): string => JSON.stringify(text.slice(0, 80)).slice(1, -1)
