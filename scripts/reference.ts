import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from '../src/lib/exit-codes.ts'
import { connectorSchema, kindsPage, systemsPage } from './connector-pages.ts'
import { exampleText, type ManifestCommand, type ManifestFlag, manifestCommands } from './manifest.ts'
import { cell, fence, table, text } from './markdown.ts'
import { migrationSchema, stepsPage } from './migration-pages.ts'

/**
 * Writes docs/reference from the manifest of the built command line: a page a topic and an index. With `--check` it
 * writes nothing and ends with 1 when a page is not what it would write.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = 'docs/reference'

const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'failed by a fault of ozgctl, or a damaged store',
  changes: 'only with `--detailed-exitcode`: there are changes',
  partial: 'finished, some items failed',
  unmet: 'a check was not met',
  locked: 'another process has held the store for a minute',
  unauthorised: 'not authorised',
  usage: 'the call makes no sense as given',
  badInput: 'the input cannot be used; nothing was changed',
  unavailable: 'a remote, the runtime or the form of the store is not available',
  output: 'the output or the store could not be written',
  hangup: 'stopped by SIGHUP: its terminal was closed',
  interrupted: 'stopped by SIGINT',
  terminated: 'stopped by SIGTERM',
}

/** Exit codes beyond those of every command, by what marks the commands that use them. */
const EXITS_OF: readonly (readonly [keyof typeof EXIT, (command: ManifestCommand) => boolean])[] = [
  ['changes', ({ flags }) => 'detailed-exitcode' in flags],
  ['unmet', ({ id }) => /^(?!health:).*:(check|lint)$|^health:uptime$/.test(id)],
  [
    'badInput',
    ({ flags, id }) =>
      'file' in flags ||
      'scope' in flags ||
      id.endsWith(':import') ||
      /^migration:(lint|plan|run|repair|rollback)$/.test(id),
  ],
]

const isGlobal = (flag: ManifestFlag): boolean => flag.helpGroup === 'GLOBAL'
const nameOf = ({ id }: ManifestCommand): string => id.replaceAll(':', ' ')

/** Everything that is written, by its path. */
async function files(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...[...pages()].map(([name, page]) => [`${FOLDER}/${name}`, page] as const),
    [`${FOLDER}/kinds.md`, kindsPage(NOTE)],
    [`${FOLDER}/systems.md`, systemsPage(NOTE)],
    ['schemas/connector.json', connectorSchema()],
    [`${FOLDER}/steps.md`, await stepsPage(NOTE)],
    ['schemas/migration.json', await migrationSchema()],
  ])
}

/** The pages of commands by file name. */
function pages(): ReadonlyMap<string, string> {
  const { oclif } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    oclif: { topics: Readonly<Record<string, { readonly description: string }>> }
  }
  const commands = manifestCommands().filter(({ hidden }) => hidden !== true)
  const topics = [...Map.groupBy(commands, ({ id }) => id.split(':')[0] ?? '')].map(([name, members]) => ({
    name,
    description: oclif.topics[name]?.description ?? '',
    members,
  }))
  return new Map([
    ['README.md', indexPage(topics)],
    ...topics.map((topic) => [`${topic.name}.md`, topicPage(topic)] as const),
  ])
}

interface Topic {
  readonly name: string
  readonly description: string
  readonly members: readonly ManifestCommand[]
}

const NOTE = '\n<!-- Written by npm run reference; do not edit. -->\n'

function indexPage(topics: readonly Topic[]): string {
  const globals = Object.values(topics[0]?.members[0]?.flags ?? {}).filter(isGlobal)
  return [
    '# Reference',
    NOTE,
    'Every command, as the command line itself describes it with `--help`.',
    ...topics.map(({ name, description, members }) =>
      [
        `\n## [${name}](${name}.md)\n\n${description}.\n`,
        table(
          ['command', 'what it does'],
          members.map((command) => [
            `[${nameOf(command)}](${name}.md#${anchor(command)})`,
            cell(command.summary ?? ''),
          ]),
        ),
      ].join('\n'),
    ),
    '\n## Connectors\n',
    '[Systems](systems.md) that portals depend on, and the [kinds](kinds.md) of protocols by which they are asked.',
    '\n## Migrations\n',
    'The [steps](steps.md) that a migration is made of.',
    '\n## Flags of every command\n',
    flagTable(globals),
    '\nA flag goes before its environment variable, that before the default. The variable of a switch is `1`, `true`, `y` or',
    '`yes`, or `0`, `false`, `n` or `no`, in any case; anything else ends the command with 64, before it does anything; an',
    'empty one counts as unset. Flags that select, confirm, delete or write have no variable: one that somebody forgot',
    'would act for another call. A variable that looks like one of those, e.g. `OZGCTL_IN`, is refused with 64 where the',
    'command has the flag.',
    '\n## Exit codes\n',
    'The same with and without `--json`. A code never changes its meaning.\n',
    table(
      ['code', 'meaning'],
      Object.entries(EXIT).map(([key, code]) => [String(code), EXIT_MEANING[key as keyof typeof EXIT]]),
    ),
    '\n`health check`, `health wait` and `health watch` alone end as monitoring plugins do: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.',
    '\nWith `--json` an error is a document as well: [schema](../../schemas/error.json).',
    '\n## Help and completion\n',
    '`ozgctl help COMMAND` shows the same as `ozgctl COMMAND --help`. `ozgctl autocomplete bash` says how to complete',
    'commands and flags with the tab key; it knows zsh and PowerShell too.\n',
  ].join('\n')
}

function topicPage({ name, description, members }: Topic): string {
  return [
    `# ozgctl ${name}`,
    NOTE,
    `${description}. Flags of every command and exit codes: [reference](README.md).\n`,
    ...members.map(commandSection),
  ].join('\n')
}

function commandSection(command: ManifestCommand): string {
  const flags = Object.values(command.flags)
    .filter((flag) => !isGlobal(flag))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const args = Object.values(command.args)
  const exits = EXITS_OF.filter(([, uses]) => uses(command)).map(
    ([key]) => `${EXIT[key]} (${EXIT_MEANING[key]})`,
  )
  return [
    `## ${nameOf(command)}\n`,
    `${command.summary}.\n`,
    ...(command.description === undefined ? [] : [`${text(command.description)}\n`]),
    fence([usage(command)]),
    ...(args.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            args.map((arg) => [`\`${arg.name.toUpperCase()}\``, cell(arg.description ?? '')]),
          ),
          '',
        ]),
    ...(flags.length === 0 ? [] : [flagTable(flags), '']),
    'Examples:\n',
    fence((command.examples ?? []).map((example) => exampleText(command, example))),
    ...(exits.length === 0 ? [] : [`Exit codes of its own: ${exits.join(', ')}.\n`]),
    `Answer with \`--json\`: [schema](../../schemas/${command.id.replaceAll(':', '-')}.json).\n`,
  ].join('\n')
}

/** The call with what it cannot do without. */
function usage(command: ManifestCommand): string {
  const args = Object.values(command.args).map(({ name, required, multiple }) => {
    const word = `${name.toUpperCase()}${multiple === true ? '...' : ''}`
    return required === true ? word : `[${word}]`
  })
  const flags = Object.values(command.flags)
    .filter(({ required }) => required === true)
    .map((flag) => `--${flag.name} ${placeholder(flag)}`)
  return ['ozgctl', nameOf(command), ...args, ...flags, '[FLAGS]'].join(' ')
}

function placeholder({ type, helpValue, options }: ManifestFlag): string {
  return type === 'boolean' ? '' : (helpValue ?? options?.join('|') ?? 'VALUE')
}

/** A default that is found out at run time stands in brackets at the end of the description. */
function flagTable(flags: readonly ManifestFlag[]): string {
  return table(
    ['flag', 'environment', 'default', 'meaning'],
    flags.map((flag) => {
      const [, meaning = '', dynamic] = /^(.*?)(?: \[default: (.*)\])?$/.exec(flag.description ?? '') ?? []
      const given = flag.type === 'option' && flag.default !== undefined ? String(flag.default) : dynamic
      const char = flag.char === undefined ? '' : `\`-${flag.char}\`, `
      const call = `--${flag.name} ${placeholder(flag)}`.trim()
      return [
        `${char}\`${call.replaceAll('|', '\\|')}\``,
        flag.env === undefined ? '' : `\`${flag.env}\``,
        given === undefined ? '' : cell(given),
        cell(meaning),
      ]
    }),
  )
}

const anchor = (command: ManifestCommand): string => nameOf(command).replaceAll(' ', '-')

async function main(check: boolean): Promise<number> {
  const wanted = await files()
  const present = existsSync(join(root, FOLDER))
    ? readdirSync(join(root, FOLDER)).map((name) => `${FOLDER}/${name}`)
    : []
  const different = [...wanted].filter(([path, text]) => contentOf(path) !== text)
  const stale = present.filter((path) => !wanted.has(path))
  if (check) {
    for (const path of [...different.map(([name]) => name), ...stale])
      console.error(`${path} is out of date: npm run reference`)
    return different.length + stale.length > 0 ? 1 : 0
  }
  mkdirSync(join(root, FOLDER), { recursive: true })
  for (const path of stale) rmSync(join(root, path))
  for (const [path, text] of different) writeFileSync(join(root, path), text)
  console.log(`${wanted.size} files, ${different.length} written, ${stale.length} removed`)
  return 0
}

const contentOf = (path: string): string | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined

process.exitCode = await main(process.argv.includes('--check'))
