import { badInput } from '../errors.ts'

const MAX_LINE = 1 << 20

/**
 * Lines of a text without their line ends (LF or CRLF), numbered from 1.
 * @throws OzgctlError 65 for a line of more than a million characters
 */
export async function* linesOf(
  text: AsyncIterable<string>,
  file: string,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  let rest = ''
  let number = 0
  for await (const part of text) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield { line: line.endsWith('\r') ? line.slice(0, -1) : line, number: ++number }
    if (rest.length > MAX_LINE)
      throw badInput(
        'LINE_TOO_LONG',
        `the line is longer than ${MAX_LINE} characters`,
        { file, line: number + 1 },
        ['This is no text in lines: ask the sender what the file is.'],
      )
  }
  if (rest !== '') yield { line: rest.endsWith('\r') ? rest.slice(0, -1) : rest, number: number + 1 }
}
