/** Pieces of Markdown for pages that are written by scripts. */

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

export const text = (plain: string): string =>
  plain.replace(/[<*]/g, (mark) => (mark === '<' ? '&lt;' : `\\${mark}`))
export const cell = (plain: string): string => text(plain).replaceAll('|', '\\|')
export const fence = (lines: readonly string[], language = 'sh'): string =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\`\n`
