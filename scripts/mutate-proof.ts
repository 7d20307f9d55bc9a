import type { Mutant } from './mutants.ts'

/** A change that was tried, and whether a test noticed it. */
export interface Tried {
  readonly subject: string
  readonly mutant: Mutant & { readonly file: string }
  readonly noticed: boolean
}

interface Head {
  /** As `2026-11-27`. */
  readonly date: string
  readonly seed: string
  readonly count: string
}

const NOT_LOOKED_AT = 'not looked at yet'

/** What somebody wrote beside the survivors of an earlier run, by file and change: lines move, these do not. */
export function readVerdicts(proof: string): ReadonlyMap<string, string> {
  const rows = proof.matchAll(/^\| (?<file>src\/[^:|]+):\d+ \| (?<change>.+) \| (?<verdict>[^|]+) \|$/gm)
  return new Map(
    [...rows].flatMap(({ groups: { file = '', change = '', verdict = '' } = {} }) =>
      verdict === NOT_LOOKED_AT ? [] : [[`${file} ${change}`, verdict] as const],
    ),
  )
}

/** The page of the last run. Verdicts on survivors are kept. */
export function proofOf(
  { date, seed, count }: Head,
  tried: readonly Tried[],
  verdicts: ReadonlyMap<string, string>,
): string {
  const subjects = [...Map.groupBy(tried, ({ subject }) => subject)].map(([subject, all]) => {
    const noticed = all.filter((one) => one.noticed).length
    return `| ${subject} | ${all.length} | ${noticed} | ${all.length - noticed} |`
  })
  const survivors = tried
    .filter(({ noticed }) => !noticed)
    .map(({ mutant }) => {
      const change = changeOf(mutant)
      const verdict = verdicts.get(`${mutant.file} ${change}`) ?? NOT_LOOKED_AT
      return `| ${mutant.file}:${mutant.line} | ${change} | ${verdict} |`
    })
  return `# Changes of the code that no test notices

\`\`\`sh
npm run mutate
\`\`\`

It changes one place at a time, runs the tests of the subject, and notes whether one fails. ${count} places of each subject,
drawn with seed ${seed}: bounds one off, conditions turned round or left out, statements and conditions of SQL left out.
A change after which the tests do not end counts as noticed.

Last result, ${date}:

| subject | changed | noticed | not |
| --- | --- | --- | --- |
${subjects.join('\n')}

## Not noticed

| place | change | what it is |
| --- | --- | --- |
${survivors.join('\n')}
`
}

const changeOf = ({ from, to }: Mutant): string => `${code(from)} → ${to === '' ? 'nothing' : code(to)}`

/** As code in a cell of a table. */
const code = (text: string): string =>
  `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '¦').replaceAll('`', "'")}\``
