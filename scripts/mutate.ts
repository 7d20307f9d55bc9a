import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomFrom } from '../bench/random.ts'
import { mutantsOf } from './mutants.ts'
import { Copy, type Outcome } from './mutate-copy.ts'
import {
  isSurvivor,
  type Place,
  proofOf,
  readProof,
  type Section,
  sectionOf,
  type Tried,
} from './mutate-proof.ts'

/**
 * `npm run mutate`: changes the code on purpose, one place at a time, and runs the tests of its subject. What no test
 * notices is written into docs/proofs/mutations.md, to be looked at. Which places are tried is decided by the seed.
 *
 *     npm run mutate                                    all subjects
 *     npm run mutate -- --subject journal               one of them; the others stay as they are in the proof
 *     npm run mutate -- --subject journal --again       only what was not noticed the last time, or not tried
 *     npm run mutate -- --count 100 --seed 7            more places of each, and others
 *     npm run mutate -- --at src/lib/journal/lease.ts:9  all changes of a line, without writing the proof
 */
interface Subject {
  readonly sources: string
  /** Test files, the quick ones first: those after them run only when these have noticed nothing. */
  readonly tests: readonly (readonly string[])[]
}

const root = fileURLToPath(new URL('..', import.meta.url))

const QUICK_OF_RECORDS = globSync('test/migration/records/*.test.ts', {
  cwd: root,
  exclude: ['test/migration/records/text-files.test.ts'],
})

const SUBJECTS: Readonly<Record<string, Subject>> = {
  journal: {
    sources: 'src/lib/journal/*.ts',
    tests: [['test/journal', 'test/tenant/apply.test.ts', 'test/migration/runs.test.ts']],
  },
  records: {
    sources: 'src/lib/migration/records/*.ts',
    tests: [
      QUICK_OF_RECORDS,
      [
        'test/migration/records/text-files.test.ts',
        'test/migration/transfer.test.ts',
        'test/migration/files.test.ts',
        'test/migration/compare.test.ts',
        'test/migration/definition.test.ts',
        'test/migration/template-address.test.ts',
        'test/migration/undo.test.ts',
        'test/migration/unsure.test.ts',
      ],
    ],
  },
  coverage: { sources: 'src/lib/coverage/*.ts', tests: [['test/coverage']] },
  liferay: {
    sources: 'src/lib/portal/liferay/*.ts',
    tests: [
      ['answers', 'delete', 'driver', 'import', 'mapping', 'move', 'places'].map(liferayTest),
      ['pages', 'openapi'].map(liferayTest),
    ],
  },
}

function liferayTest(name: string): string {
  return `test/portal/liferay/${name}.test.ts`
}

const proofFile = join(root, 'docs/proofs/mutations.md')
const { values } = parseArgs({
  options: {
    subject: { type: 'string', multiple: true, default: Object.keys(SUBJECTS) },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    at: { type: 'string' },
  },
})

/** Whoever takes longer than the unchanged code by so much is in a loop, and that is noticed. */
const ENDLESS_FACTOR = 4
const ENDLESS_MS = 15_000
const LONGEST_MS = 1_200_000

interface Group {
  readonly files: readonly string[]
  readonly limitMs: number
}

function subjectOf(name: string): Subject {
  const subject = SUBJECTS[name]
  if (subject === undefined) throw new Error(`no subject ${name}: ${Object.keys(SUBJECTS).join(', ')}`)
  return subject
}

function placesOf({ sources }: Subject): readonly Place[] {
  return globSync(sources, { cwd: root })
    .sort()
    .flatMap((file) => mutantsOf(readFileSync(join(root, file), 'utf8')).map((one) => ({ ...one, file })))
}

/** So many changes of a subject, drawn by the seed: with more of them, those of before are among them. */
function drawn(subject: Subject): readonly Place[] {
  const random = randomFrom(Number(values.seed))
  const order = placesOf(subject).map((place) => ({ place, at: random() }))
  return order
    .sort((a, b) => a.at - b.at)
    .slice(0, Number(values.count))
    .map(({ place }) => place)
}

/** How long the tests take without a change, which they have to pass. */
async function measured({ tests }: Subject): Promise<readonly Group[]> {
  const groups: Group[] = []
  for (const files of tests) {
    const begun = performance.now()
    if ((await copy.test(files, LONGEST_MS)) !== 'passed')
      throw new Error(`without a change these do not pass: ${files.join(' ')}`)
    groups.push({ files, limitMs: ENDLESS_MS + ENDLESS_FACTOR * (performance.now() - begun) })
  }
  return groups
}

async function outcomeOf(place: Place, groups: readonly Group[]): Promise<Outcome> {
  return copy.changed(place.file, place, async () => {
    for (const { files, limitMs } of groups) {
      const outcome = await copy.test(files, limitMs)
      if (outcome !== 'passed') return outcome
    }
    return 'passed'
  })
}

const SAID: Readonly<Record<Outcome, string>> = {
  passed: 'SURVIVED',
  failed: 'noticed ',
  endless: 'endless ',
}

async function tryAll(
  subject: Subject,
  places: readonly Place[],
  onTried: (tried: readonly Tried[]) => void = () => undefined,
): Promise<readonly Tried[]> {
  const groups = await measured(subject)
  const tried: Tried[] = []
  for (const place of places) {
    const outcome = await outcomeOf(place, groups)
    tried.push({ place, noticed: outcome !== 'passed' })
    onTried(tried)
    console.log(`${SAID[outcome]} ${place.file}:${place.line} ${place.from} → ${place.to}`)
  }
  return tried
}

/** What was not noticed the last time, and what was not tried then; the rest is as it was. */
async function tryAgain(subject: Subject, last: Section | undefined): Promise<readonly Tried[]> {
  const places = drawn(subject)
  if (last === undefined || last.seed !== values.seed || last.changed > places.length)
    throw new Error('the last result is none of these places: try all of them')
  const again = places.filter((place, at) => at >= last.changed || isSurvivor(last, place))
  const others = places.filter((place) => !again.includes(place))
  return [...others.map((place) => ({ place, noticed: true })), ...(await tryAll(subject, again))]
}

const storedProof = (): readonly Section[] =>
  readProof(existsSync(proofFile) ? readFileSync(proofFile, 'utf8') : '')

const sectionIn = (sections: readonly Section[], name: string): Section | undefined =>
  sections.find(({ subject }) => subject === name)

const copy = new Copy(root)
process.once('exit', () => copy.remove())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]))

if (values.at !== undefined) {
  const [file = '', line] = values.at.split(':')
  const subject = Object.values(SUBJECTS).find(({ sources }) =>
    globSync(sources, { cwd: root }).includes(file),
  )
  if (subject === undefined) throw new Error(`no subject has ${file}`)
  await tryAll(
    subject,
    placesOf(subject).filter((place) => place.file === file && place.line === Number(line)),
  )
} else {
  for (const name of values.subject) {
    const subject = subjectOf(name)
    const last = sectionIn(storedProof(), name)
    const keep = (tried: readonly Tried[]): Section => {
      const date = new Date().toISOString().slice(0, 10)
      const section = sectionOf({ subject: name, date, seed: values.seed }, tried, last)
      // Others may be tried at the same time.
      const others = storedProof().filter(({ subject: other }) => other !== name)
      writeFileSync(proofFile, proofOf([...others, section], Object.keys(SUBJECTS)))
      return section
    }
    // After each place: a run that is interrupted keeps what it knows, and is gone on with by --again.
    const tried = values.again
      ? await tryAgain(subject, last)
      : await tryAll(subject, drawn(subject), (so) => keep(so))
    const section = keep(tried)
    console.log(
      `${name}: ${section.changed - section.survivors.length} of ${section.changed} changes noticed`,
    )
  }
}
