/** Fewest letters of a text in a line; where there is room for less, the terminal breaks it as it likes. */
const NARROWEST = 20

/**
 * A line as several of at most `width` characters, broken between words. `at` is where the further ones begin; the
 * first one may hold a label before it. A word that is longer stands alone.
 */
export function wrap(line: string, at: number, width: number): string {
  if (line.length <= width || width - at < NARROWEST) return line
  const lines = [line.slice(0, at)]
  for (const word of line.slice(at).split(' ')) {
    const last = lines.at(-1) ?? ''
    const begins = last.length === at
    if (begins || last.length + 1 + word.length <= width)
      lines.push(`${lines.pop()}${begins ? '' : ' '}${word}`)
    else lines.push(' '.repeat(at) + word)
  }
  return lines.map((part) => part.trimEnd()).join('\n')
}
