import type { Mutant } from './mutants.ts'

/** One change, and in which file. */
export type Place = Mutant & { readonly file: string }

/** A change that was tried, and whether a test noticed it. */
export interface Tried {
  readonly place: Place
  readonly noticed: boolean
}

interface Head {
  readonly subject: string
  /** As `2026-11-27`. */
  readonly date: string
  readonly seed: string
}

interface Survivor {
  readonly file: string
  readonly line: number
  readonly change: string
  /** What somebody found out about it. */
  readonly verdict: string
}

/** The last result of one subject. */
export interface Section extends Head {
  readonly changed: number
  readonly survivors: readonly Survivor[]
}

const NOT_LOOKED_AT = 'not looked at yet'

/** What was tried, with the verdicts on survivors of an earlier run, by file and change: lines move, these do not. */
export function sectionOf(head: Head, tried: readonly Tried[], last: Section | undefined): Section {
  const survivors = tried
    .filter(({ noticed }) => !noticed)
    .map(({ place }) => {
      const { file, line } = place
      const change = changeOf(place)
      const known = last?.survivors.filter((one) => one.file === file && one.change === change) ?? []
      const former = known.find((one) => one.line === line) ?? known[0]
      return { file, line, change, verdict: former?.verdict ?? NOT_LOOKED_AT }
    })
    .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
  return { ...head, changed: tried.length, survivors }
}

/** Whether this change was not noticed the last time. */
export const isSurvivor = (last: Section, place: Place): boolean =>
  last.survivors.some(
    ({ file, line, change }) => file === place.file && line === place.line && change === changeOf(place),
  )

/** The results that a page holds. */
export function readProof(page: string): readonly Section[] {
  const survivors = [
    ...page.matchAll(
      /^\| (?<subject>\w+) \| (?<file>src\/[^:|]+):(?<line>\d+) \| (?<change>[^|]+) \| (?<verdict>[^|]+) \|$/gm,
    ),
  ].map(({ groups: { subject = '', file = '', line = '', change = '', verdict = '' } = {} }) => ({
    subject,
    survivor: { file, line: Number(line), change, verdict },
  }))
  const rows = page.matchAll(
    /^\| (?<subject>\w+) \| (?<date>[\d-]+) \| (?<seed>\d+) \| (?<changed>\d+) \| \d+ \| \d+ \|$/gm,
  )
  return [...rows].map(({ groups: { subject = '', date = '', seed = '', changed = '' } = {} }) => ({
    subject,
    date,
    seed,
    changed: Number(changed),
    survivors: survivors.filter((one) => one.subject === subject).map(({ survivor }) => survivor),
  }))
}

/** The page of the last results. @param order of the subjects; others are gone */
export function proofOf(sections: readonly Section[], order: readonly string[]): string {
  const ordered = order.flatMap((name) => sections.filter(({ subject }) => subject === name))
  const results = ordered.map(
    ({ subject, date, seed, changed, survivors: { length } }) =>
      `| ${subject} | ${date} | ${seed} | ${changed} | ${changed - length} | ${length} |`,
  )
  const survivors = ordered.flatMap(({ subject, survivors: all }) =>
    all.map(({ file, line, change, verdict }) => `| ${subject} | ${file}:${line} | ${change} | ${verdict} |`),
  )
  return `# Changes of the code that no test notices

\`\`\`sh
npm run mutate
\`\`\`

It changes one place at a time, runs the tests of the subject, and notes whether one fails: bounds one off, conditions turned
round or left out, also those of SQL, statements left out. The seed decides which places are tried. A change after which the
tests do not end counts as noticed. Tests that kill at every write take no part.

## Last results

| subject | on | seed | changed | noticed | not |
| --- | --- | --- | --- | --- | --- |
${results.join('\n')}

## Not noticed

| subject | place | change | what it is |
| --- | --- | --- | --- |
${survivors.join('\n')}
`
}

const changeOf = ({ from, to }: Mutant): string => `${code(from)} → ${to === '' ? 'nothing' : code(to)}`

/** As code in a cell of a table. */
const code = (text: string): string =>
  `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '¦').replaceAll('`', "'")}\``
