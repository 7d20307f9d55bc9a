import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('help', () => {
  it('lists the topics when nothing is asked for', async () => {
    const run = await ozgctl([])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    for (const topic of ['catalog', 'coverage', 'offer', 'region'])
      expect(run.stdout).toMatch(new RegExp(`^  ${topic} +\\S`, 'm'))
    expect((await ozgctl(['--help'])).stdout).toBe(run.stdout)
    expect((await ozgctl(['help'])).stdout).toBe(run.stdout)
  })

  it('of a topic lists its commands, in all ways to ask for it', async () => {
    const run = await ozgctl(['region'])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    for (const verb of ['diff', 'history', 'import', 'list', 'show'])
      expect(run.stdout).toMatch(new RegExp(`^  region ${verb} +\\S`, 'm'))
    expect((await ozgctl(['help', 'region'])).stdout).toBe(run.stdout)
    expect((await ozgctl(['region', '-h'])).stdout).toBe(run.stdout)
  })

  it.each([[], ['help', 'coverage'], ['coverage', 'report', '-h'], ['region', 'import', '-h']])(
    'fits into 80 columns: ozgctl %s %s %s',
    async (...args) => {
      expect(widest((await ozgctl(args)).stdout)).toBeLessThanOrEqual(80)
    },
  )

  it('joins the lines of a paragraph, which the sources break elsewhere', async () => {
    const { stdout } = await ozgctl(['region', 'import', '--help'])
    expect(stdout).toContain(
      '  names Gemeinden only: levels above follow from the keys; names, inhabitants\n',
    )
  })
})

/** Calls that make no sense, and what is said of them. */
const WRONG: readonly (readonly [call: string, code: string, message: string, suggestion: string])[] = [
  ['regoin list', 'COMMAND_UNKNOWN', '"regoin list" is no command', 'Did you mean: ozgctl region list'],
  [
    'regoin list 03459 --level kreis',
    'COMMAND_UNKNOWN',
    '"regoin list 03459" is no command',
    'Did you mean: ozgctl region list',
  ],
  ['region lst', 'COMMAND_UNKNOWN', '"region lst" is no command', 'Did you mean: ozgctl region list'],
  ['nonsense', 'COMMAND_UNKNOWN', '"nonsense" is no command', 'All commands: ozgctl help'],
  ['--foo', 'COMMAND_MISSING', 'a command must come before --foo', 'See: ozgctl help'],
  [
    'region history extra',
    'USAGE',
    '"region history" takes no argument "extra"',
    'See: ozgctl region history --help',
  ],
  ['region list --lvel kreis', 'USAGE', 'Nonexistent flag: --lvel', 'Did you mean: --level'],
  [
    'region list --level x',
    'USAGE',
    'Expected --level=x to be one of: land, bezirk, kreis, verband, gemeinde',
    'See: ozgctl region list --help',
  ],
  [
    'region list --level',
    'USAGE',
    'Flag --level expects one of these values: land, bezirk, kreis, verband, gemeinde',
    'See: ozgctl region list --help',
  ],
  [
    'region list --in 99999',
    'REGION_INVALID',
    '--in: "99999" is no region (land-unknown)',
    'A region is an ARS or its first 2, 3, 5 or 9 digits; DE is the Bund.',
  ],
  [
    'region show',
    'USAGE',
    'Missing 1 required arg:\nregion  ARS or prefix, AGS, or name',
    'See: ozgctl region show --help',
  ],
  ['region show a b c', 'USAGE', 'Unexpected arguments: b, c', 'See: ozgctl region show --help'],
]

describe('a wrong call', () => {
  it.each(WRONG)('ozgctl %s: exit 64, on stderr only', async (call, _, message, suggestion) => {
    const run = await ozgctl(call.split(' '))
    expect(run).toMatchObject({ code: 64, stdout: '' })
    expect(run.stderr.startsWith(`Error: ${message}\n`)).toBe(true)
    expect(run.stderr).toContain(`\n  ${suggestion}\n`)
  })

  it.each(WRONG)(
    'ozgctl %s --json: exit 64 and the error document',
    async (call, code, message, suggestion) => {
      const run = await ozgctlJson(call.split(' '))
      expect(run).toMatchObject({ code: 64, stderr: '' })
      expect(schemaErrors('error', run.json)).toEqual([])
      expect(run.json).toMatchObject({ error: { code, message } })
      expect((run.json.error as { suggestions: string[] }).suggestions).toContain(suggestion)
    },
  )

  it('is answered without the paths of the home directory and without the arguments', async () => {
    const home = temporaryFolder()
    const { stdout } = await ozgctl(['region', 'list', '--foo', '--store', 'geheim.db', '--json'], {
      cwd: home,
    })
    expect(stdout).not.toContain(home)
    expect(stdout).not.toContain('geheim.db')
  })

  it('prints names in it without terminal escapes', async () => {
    const run = await ozgctl(['\x1b[31mregion'])
    expect(run.stderr).toContain('Error: "\\x1b[31mregion" is no command\n')
  })
})

describe('a variable that misleads', () => {
  const importing = ['region', 'import', 'fixtures/region/GV100AD_osnabrueck_301123.txt', '--json']
  const withVariable = async (args: readonly string[], variables: Readonly<Record<string, string>>) => {
    const home = temporaryFolder()
    const run = await ozgctl(args, { env: { HOME: home, XDG_STATE_HOME: home, ...variables } })
    return { ...run, json: JSON.parse(run.stdout), store: existsSync(join(home, 'ozgctl', 'ozgctl.db')) }
  }

  it.each(['ja', 'nein', 'on', 'off', '2', ' ', 'true '])(
    'OZGCTL_DRY_RUN=%j imports nothing',
    async (word) => {
      const { code, json, store } = await withVariable(importing, { OZGCTL_DRY_RUN: word })
      expect({ code, store, error: json.error }).toEqual({
        code: 64,
        store: false,
        error: {
          code: 'SWITCH_INVALID',
          message: `OZGCTL_DRY_RUN is ${JSON.stringify(word)}, which is neither yes nor no`,
          suggestions: ['For yes write 1, true, y, yes; for no 0, false, n, no, or unset it.'],
        },
      })
    },
  )

  it.each([
    ['1', true],
    ['TRUE', true],
    ['Yes', true],
    ['y', true],
    ['0', false],
    ['False', false],
    ['no', false],
    ['N', false],
    ['', false],
  ])('OZGCTL_DRY_RUN=%j is a dry run: %j', async (word, dry) => {
    const { code, json, store } = await withVariable(importing, { OZGCTL_DRY_RUN: word })
    expect({ code, dry: json.dryRun === true, store }).toEqual({ code: 0, dry, store: !dry })
  })

  it.each(['OZGCTL_QUIET', 'OZGCTL_VERBOSE', 'OZGCTL_STRICT'])(
    '%s=jein is no switch either',
    async (name) => {
      const { code, json } = await withVariable(importing, { [name]: 'jein' })
      expect([code, json.error.code]).toEqual([64, 'SWITCH_INVALID'])
    },
  )

  it.each([
    ['OZGCTL_IN', '03459', 'region list'],
    ['OZGCTL_OUT', 'x.txt', 'region history'],
    ['OZGCTL_LEVEL', 'kreis', 'region list'],
    ['OZGCTL_YES', 'true', 'tenant apply plan.json'],
    ['OZGCTL_MAX_DELETE', '9', 'tenant plan -f network.yaml'],
    ['OZGCTL_FORCE', '1', 'tenant seed --in 03459'],
    ['OZGCTL_ALLOW_SHRINK', 'true', 'region import x.xml'],
    ['OZGCTL_WAVE', '2', 'migration rollback run-1'],
  ])('%s=%s is refused, not passed over', async (name, value, call) => {
    const { code, json } = await withVariable([...call.split(' '), '--json'], { [name]: value })
    const flag = name.slice('OZGCTL_'.length).toLowerCase().replaceAll('_', '-')
    expect([code, json.error.code, json.error.message]).toEqual([
      64,
      'NO_VARIABLE',
      `${name} is set, and --${flag} is not taken from the environment`,
    ])
  })

  it.each([
    ['OZGCTL_DRYRUN', 'OZGCTL_DRY_RUN'],
    ['ozgctl_dry_run', 'OZGCTL_DRY_RUN'],
    ['OZGCTL_DRY-RUN', 'OZGCTL_DRY_RUN'],
  ])('%s, which nobody would read, is refused and imports nothing', async (name, right) => {
    const { code, json, store } = await withVariable(importing, { [name]: 'true' })
    expect({ code, store, error: json.error }).toEqual({
      code: 64,
      store: false,
      error: {
        code: 'NO_VARIABLE',
        message: `${name} is set, which is not read; there is ${right}`,
        suggestions: [`Unset ${name}, or call it ${right}.`],
      },
    })
  })

  it('of a flag that the command does not have is none of its business', async () => {
    const { code } = await withVariable(importing, { OZGCTL_IN: '03459', OZGCTL_OUT: 'x' })
    expect(code).toBe(0)
  })
})

describe('the version', () => {
  it('is that of the package', async () => {
    const run = await ozgctl(['--version'])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toMatch(/^ozgctl \d+\.\d+\.\d+\n$/)
    expect((await ozgctl(['-v'])).stdout).toBe(run.stdout)
  })
})

describe('stdout', () => {
  const shell = (command: string) =>
    spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: temporaryFolder(), NODE: process.execPath },
    })

  it.each(['--help', '--version', 'region list --json', 'nonsense --json'])(
    'may be closed by its reader: ozgctl %s | true',
    (args) => {
      const { stderr, status } = shell(`"$NODE" bin/run.js ${args} | true`)
      // An error whose document nobody has read is told once more, and the closed pipe is none.
      expect(stderr.split('\n')[0]).toMatch(
        args.endsWith('--json') ? /^$|^Error: (no register|"nonsense")/ : /^$/,
      )
      expect([0, 64]).toContain(status)
    },
  )

  it.skipIf(!existsSync('/dev/full')).each(['--help', '--version', 'nonsense --json'])(
    'that is full is told: ozgctl %s (no /dev/full here)',
    (args) => {
      const { stderr, status } = shell(`"$NODE" bin/run.js ${args} > /dev/full`)
      // An error keeps its exit code, and is told where it can be.
      expect(status).toBe(args.endsWith('--json') ? 64 : 74)
      const told = args.endsWith('--json')
        ? 'Error: "nonsense" is no command'
        : 'Error: standard output cannot be written: the disk is full'
      expect(stderr.split('\n')[0]).toBe(args === '--version' ? '' : told)
    },
  )
})

describe('bin/dev.js', () => {
  it('runs the sources with the same result', async () => {
    const home = temporaryFolder()
    const dev = (...args: string[]) =>
      spawnSync(process.execPath, [`${root}/bin/dev.js`, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: home },
      })
    expect(dev('help', 'region').stdout).toBe((await ozgctl(['help', 'region'])).stdout)
    expect(dev('region', 'lst')).toMatchObject({
      status: 64,
      stderr: (await ozgctl(['region', 'lst'])).stderr,
    })
  })
})

const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((path) => existsSync(path))
  .find((path) => {
    const { stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' })
    return Number.parseInt(stdout, 10) < 24
  })

describe.skipIf(oldNode === undefined)('an older Node (none on the PATH)', () => {
  it('is refused with one sentence and exit 69', () => {
    const run = spawnSync(oldNode ?? '', [`${root}/bin/run.js`, 'region', 'list'], { encoding: 'utf8' })
    expect(run).toMatchObject({ status: 69, stdout: '' })
    expect(run.stderr).toMatch(
      /^ozgctl needs Node 24 or newer; this is [\d.]+\. In a checkout, npx ozgctl brings its own\.\n$/,
    )
  })
})

describe('a checkout that is not built', () => {
  it('says so with exit 69, and knows its version', () => {
    const checkout = temporaryFolder()
    mkdirSync(`${checkout}/bin`)
    for (const file of ['package.json', 'bin/run.js']) copyFileSync(`${root}/${file}`, `${checkout}/${file}`)
    const run = (arg: string) =>
      spawnSync(process.execPath, [`${checkout}/bin/run.js`, arg], { encoding: 'utf8' })
    expect(run('region')).toMatchObject({
      status: 69,
      stdout: '',
      stderr: 'ozgctl is not built yet in this checkout: npm run build\n',
    })
    expect(run('--version').status).toBe(0)
  })
})

describe('autocomplete', () => {
  it('completes commands and flags in bash', () => {
    const cache = temporaryFolder()
    const env = { PATH: process.env.PATH, HOME: cache, XDG_CACHE_HOME: cache }
    const built = spawnSync(process.execPath, [`${root}/bin/run.js`, 'autocomplete', 'bash', '-r'], {
      encoding: 'utf8',
      env,
    })
    expect(built.status).toBe(0)
    const complete = (words: string) =>
      `COMP_WORDS=(ozgctl ${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _ozgctl_autocomplete; echo "\${COMPREPLY[@]}"`
    const script = `source ${cache}/ozgctl/autocomplete/functions/bash/ozgctl.bash; ${complete('region ""')}; ${complete('region list --le')}`
    const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env })
    expect(stdout).toBe('diff history import list show\n--level\n')
  })
})
