/** One line of the table: what was measured, and where there is a limit whether it was met. */
export interface Result {
  readonly what: string
  readonly ours: string
  readonly peer: string
  /** The figure that the limit is about, e.g. a ratio. */
  readonly figure: string
  readonly limit: string
  /** Undefined where there is no limit or the peer is missing. */
  readonly met: boolean | undefined
}

export const seconds = (value: number): string => `${value.toFixed(value < 1 ? 3 : 2)} s`
export const times = (value: number): string => `${value.toFixed(2)} ×`

export function renderResults(name: string, results: readonly Result[]): string {
  const heads = ['what', 'ozgctl', 'peer', 'figure', 'limit', 'met']
  const rows = results.map(({ what, ours, peer, figure, limit, met }) => [
    what,
    ours,
    peer,
    figure,
    limit,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ])
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [
    `## ${name}`,
    '',
    line(heads),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
  ].join('\n')
}
