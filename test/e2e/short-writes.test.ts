import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ozgctl, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

const BIN = `${root}/bin/run.js`

/** Runs a script of the shell in which `ozgctl` is the built command line. */
function script(cwd: string, text: string) {
  return spawnSync('bash', ['-c', `ozgctl() { "${process.execPath}" "${BIN}" "$@"; }\n${text}`], {
    cwd,
    // The cache of compiled code is a file, too, and none of this.
    env: { PATH: process.env.PATH, HOME: cwd, NODE_DISABLE_COMPILE_CACHE: '1', OZGCTL_STORE: `${cwd}/s.db` },
    encoding: 'utf8',
  })
}

const LOGIN = 'auth login one --url https://portal.example.de --client-id app --no-verify'
const credentials = (cwd: string) => join(cwd, '.config', 'ozgctl', 'credentials.json')

/** Profiles with so long secrets that their file has three pages of a disk, of which there is room for one or two. */
async function loggedIn(cwd: string): Promise<string> {
  for (const name of ['one', 'two', 'three'])
    await ozgctl(['auth', 'login', name, ...LOGIN.split(' ').slice(3)], { cwd, stdin: name.repeat(800) })
  return readFileSync(credentials(cwd), 'utf8')
}

test.each(['connector systems --json', 'connector systems', 'help migration run'])(
  '%s into a file that may not become so long: exit 74, not half an answer with 0',
  (call) => {
    const cwd = temporaryFolder()
    const run = script(cwd, `ulimit -f 1; ozgctl ${call} > answer`)
    expect(run.status).toBe(74)
    expect(run.stderr).toMatch(
      /^Error: standard output cannot be written: it would exceed the limit for files\n/,
    )
    const whole = script(cwd, `ozgctl ${call} > answer; ozgctl ${call} | cmp - answer`)
    expect(whole).toMatchObject({ status: 0, stdout: '', stderr: '' })
  },
)

test('a login whose file does not fit loses no secret', async () => {
  const cwd = temporaryFolder()
  const before = await loggedIn(cwd)
  const run = script(cwd, `ulimit -f 4; echo another-secret | ozgctl ${LOGIN}`)
  expect(run).toMatchObject({
    status: 74,
    stdout: '',
    stderr:
      'Error: credentials.json cannot be written: it would exceed the limit for files\n  Raise the limit (ulimit -f) and repeat.\n',
  })
  expect(readFileSync(credentials(cwd), 'utf8')).toBe(before)
  expect(readdirSync(join(cwd, '.config', 'ozgctl')).filter((name) => name.endsWith('.new'))).toEqual([])
})

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0
test.skipIf(!canMount)(
  'nor does one on a disk with room for a part of it (needs the right to mount)',
  async () => {
    const cwd = temporaryFolder()
    const before = await loggedIn(cwd)
    const text = `
      mkdir disk after; mount -t tmpfs -o size=24k none disk; cp -r .config/ozgctl disk/
      export XDG_CONFIG_HOME=$PWD/disk
      echo another-secret | ozgctl ${LOGIN}; code=$?
      cp disk/ozgctl/* after/; exit $code`
    const run = spawnSync(
      'unshare',
      ['--mount', 'bash', '-c', `ozgctl() { "${process.execPath}" "${BIN}" "$@"; }${text}`],
      {
        cwd,
        env: { PATH: process.env.PATH, HOME: cwd },
        encoding: 'utf8',
      },
    )
    expect(run.status).toBe(74)
    expect(run.stderr).toContain('credentials.json cannot be written: the disk is full')
    expect(readFileSync(join(cwd, 'after', 'credentials.json'), 'utf8')).toBe(before)
  },
)

/** A place with a tenant and a migration that copies the folder `in`. */
function copying(document: Uint8Array): string {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'in'))
  writeFileSync(join(cwd, 'in', 'akte.pdf'), document)
  writeFileSync(
    join(cwd, 'network.yaml'),
    'network: { account: n, name: N, anchor: "034595402" }\ntenants: [ { ars: "034595402", slug: a, name: A } ]\n',
  )
  writeFileSync(
    join(cwd, 'm.yaml'),
    'schemaVersion: 1\nid: m\ntitle: M\nreason: r\nauthor: a\nsteps:\n  - { id: copy, kind: records.transfer, from: { kind: folder, path: in }, to: { kind: folder, path: out } }\n',
  )
  const register = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`
  const prepared = `ozgctl region import ${register} && ozgctl tenant apply -f network.yaml --yes`
  expect(script(cwd, prepared)).toMatchObject({ status: 0 })
  return cwd
}

// Its last part is written by one call, for a half of which there is room.
test('a document that does not fit is not there, and with room it is whole', () => {
  const cwd = copying(Buffer.alloc(8001 * 1024 + 500, 'Akte '))
  const run = script(cwd, 'ulimit -f 8001; ozgctl migration run m.yaml')
  expect(run).toMatchObject({ status: 74, stdout: '' })
  expect(run.stderr).toMatch(
    /^Error: akte\.pdf cannot be written: it would exceed the limit for files\n(?:.*\n)*.*ozgctl migration resume run-2\n$/,
  )
  expect(readdirSync(join(cwd, 'out'))).toEqual([])
  expect(script(cwd, 'ozgctl migration resume && cmp in/akte.pdf out/akte.pdf')).toMatchObject({ status: 0 })
})

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
test.skipIf(!canTrace).each([
  ['a login', 'echo secret | ozgctl', LOGIN, 'credentials.json'],
  ['a profile', 'echo secret | ozgctl', LOGIN, 'config.yaml'],
  ['a report', 'ozgctl', 'connector systems --out ./systems', 'systems'],
  ['a document', 'ozgctl', 'migration run m.yaml', 'akte.pdf'],
])('%s is synced, gets its name, and its folder is synced (needs strace)', (_what, how, call, name) => {
  const cwd = copying(Buffer.from('Akte'))
  const run = script(
    cwd,
    `${how.replace('ozgctl', `strace -f -y -qq -s 4096 -o trace -e trace=fsync,rename,renameat2 "${process.execPath}" "${BIN}"`)} ${call} > /dev/null`,
  )
  expect(run.status).toBe(0)
  const calls = readFileSync(join(cwd, 'trace'), 'utf8').split('\n')
  const at = calls.findIndex((line) => line.includes(' rename') && line.includes(`${name}"`))
  const [, from = '', to = ''] = /"([^"]+)", "([^"]+)"/.exec(calls[at] ?? '') ?? []
  const isSynced = (path: string) => (line: string) =>
    line.includes(' fsync(') && line.includes(`<${resolve(cwd, path)}>`)
  expect(calls.slice(0, at).some(isSynced(from))).toBe(true)
  expect(calls.slice(at).some(isSynced(dirname(to)))).toBe(true)
})
