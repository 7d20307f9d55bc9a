import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exampleText, type ManifestCommand, manifestCommands } from '../scripts/manifest.ts'
import { root } from './support/cli.ts'
import { compileSchema } from './support/schema.ts'

const commands = manifestCommands()
const { oclif } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  oclif: { topics: Readonly<Record<string, unknown>> }
}

/** Verbs that change nothing; any other needs `--dry-run`. */
const READING =
  'list show search history diff export report gaps explain check flaechendeckung seed plan drift watch log start exec status lint systems uptime wait set new'.split(
    ' ',
  )
/** Flags that oclif itself brings. */
const OCLIF_FLAGS = ['json', 'help']
/**
 * Flags that select, confirm, delete or write. They have no variable: one that somebody forgot would act for another
 * call, e.g. write its answer into a file or leave tenants out of it.
 */
const WITHOUT_VARIABLE = new Set(
  [
    'category from-catalog-diff from-file from-region-diff in key lage level limit network only ozg part selector snapshot tenant tenants themenfeld typ wave',
    'allow-shrink approve at-least-once budget data max-rejects replace settle yes',
    'force keep max-delete',
    'connectors out rejects',
  ].flatMap((names) => names.split(' ')),
)
const SECRET = /passw|passphrase|secret|token|api-?key|credential/
/** Help begins with the summary and does not wrap it. */
const HELP_WIDTH = 80

describe.each(commands)('ozgctl $id', (command) => {
  const { id, summary = '', flags } = command
  const [topic = '', verb = ''] = id.split(':')

  it('is a noun in the singular and a verb', () => {
    expect(id).toMatch(/^[a-z]+:[a-z]+(?:-[a-z]+)*$/)
    expect(Object.keys(oclif.topics)).toContain(topic)
    expect(topic).not.toMatch(/s$/)
  })

  it('says in a line what it does', () => {
    expect(summary).toMatch(/^\S.*[^.]$/)
    expect(summary.length).toBeLessThan(HELP_WIDTH)
  })

  it('describes every flag and takes it from the environment, unless that could act for another call', () => {
    for (const [name, flag] of Object.entries(flags).filter(([name]) => !OCLIF_FLAGS.includes(name))) {
      expect.soft(flag.description, name).toMatch(/^\S.*[^.]$/)
      const variable = `OZGCTL_${name.toUpperCase().replaceAll('-', '_')}`
      expect.soft(flag.env, name).toBe(WITHOUT_VARIABLE.has(name) ? undefined : variable)
    }
  })

  it('takes no secret in a flag', () => {
    expect(Object.keys(flags).filter((name) => SECRET.test(name))).toEqual([])
  })

  it('can be tried without effect when it changes something', () => {
    expect(READING.includes(verb) || 'dry-run' in flags).toBe(true)
  })

  it('has a schema of its answer', () => {
    const name = id.replaceAll(':', '-')
    expect(existsSync(`${root}/schemas/${name}.json`), `schemas/${name}.json`).toBe(true)
    expect(() => compileSchema(name)).not.toThrow()
  })

  it('has examples that it understands', () => {
    const examples = (command.examples ?? []).map((example) => exampleText(command, example))
    expect(examples.length).toBeGreaterThan(0)
    expect(examples.flatMap((example) => misunderstood(command, example))).toEqual([])
  })
})

it('no flag that is to have no variable has gone', () => {
  const names = new Set(commands.flatMap(({ flags }) => Object.keys(flags)))
  expect([...WITHOUT_VARIABLE].filter((name) => !names.has(name))).toEqual([])
})

it('every schema belongs to a command or is shared', () => {
  const names = readdirSync(`${root}/schemas`).map((file) => file.replace('.json', ''))
  const known = [
    ...commands.map(({ id }) => id.replaceAll(':', '-')),
    'common',
    'connector',
    'error',
    'network',
    'migration',
  ]
  expect(names.filter((name) => !known.includes(name))).toEqual([])
})

/** What a command would not take of an example: unknown flags, values that are no option, missing arguments. */
function misunderstood({ id, flags, args }: ManifestCommand, example: string): readonly string[] {
  const words = callIn(example).match(/"[^"]*"|'[^']*'|\S+/g)
  const expected = ['ozgctl', ...id.split(':')]
  if (expected.some((word, at) => words?.[at] !== word)) return [`${example}: does not call ${id}`]
  const problems: string[] = []
  let given = 0
  for (const rest = words?.slice(expected.length) ?? []; rest.length > 0; ) {
    const [word = '', joined] = (rest.shift() ?? '').split(/=(.*)/)
    if (!/^-./.test(word)) {
      given++
      continue
    }
    const [name, flag] =
      Object.entries(flags).find(([name, { char }]) => word === `--${name}` || word === `-${char}`) ?? []
    if (flag === undefined) problems.push(`${example}: no flag ${word}`)
    else if (flag.type === 'option') {
      const value = joined ?? rest.shift()
      if (value === undefined || flag.options?.includes(value) === false)
        problems.push(`${example}: --${name} takes no ${value}`)
    }
  }
  const wanted = Object.values(args)
  if (given < wanted.filter(({ required }) => required).length)
    problems.push(`${example}: an argument is missing`)
  if (given > wanted.length && !wanted.some(({ multiple }) => multiple))
    problems.push(`${example}: too many arguments`)
  return problems
}

/** The call of ozgctl in a line for a shell, without what follows in the pipe or is another command's. */
function callIn(example: string): string {
  return example.slice(Math.max(0, example.indexOf('ozgctl '))).split(/ [|<>] | -- /)[0] ?? ''
}
