import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { codeList } from '../support/genericode.ts'
import { gvGemeinde } from '../support/gv100ad.ts'

const GV = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`
const RS = `${root}/fixtures/region/regionalschluessel_2026.xml`
const BIN = `${root}/bin/run.js`

/** A store with the register of the fixtures, made once and copied for each trial. */
let prepared = ''
beforeAll(async () => {
  prepared = join(mkdtempSync(join(tmpdir(), 'ozgctl-test-')), 'ozgctl.db')
  expect((await ozgctl(['region', 'import', GV, '--store', prepared])).code).toBe(0)
})
afterAll(() => rmSync(dirname(prepared), { recursive: true, force: true }))

function workplace() {
  const cwd = temporaryFolder()
  const store = join(cwd, 'ozgctl.db')
  copyFileSync(prepared, store)
  return { cwd, store, env: { PATH: process.env.PATH, HOME: cwd, OZGCTL_STORE: store } }
}

/**
 * What is in a store after a fault: the names of its snapshots, the active one with `*`. Whatever happened, the file is
 * sound and the rows of each snapshot are those that its record counts.
 */
async function stateOf(path: string): Promise<string> {
  const store = await openStore(path)
  try {
    expect(store.db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    const snapshots = store.db.prepare("SELECT * FROM snapshot WHERE kind = 'region' ORDER BY number").all()
    for (const snapshot of snapshots) {
      const { counts } = JSON.parse(String(snapshot.summary)) as { counts: Record<string, number> }
      const levels = ['land', 'bezirk', 'kreis', 'verband', 'gemeinde'].map((level) => counts[level] ?? 0)
      const rows = store.db
        .prepare('SELECT count(*) AS n FROM region WHERE snapshot = ?')
        .get(snapshot.id ?? 0)
      expect(rows?.n).toBe(levels.reduce((sum, count) => sum + count, 0))
    }
    const orphans = store.db
      .prepare('SELECT count(*) AS n FROM region WHERE snapshot NOT IN (SELECT id FROM snapshot)')
      .get()
    expect(orphans).toEqual({ n: 0 })
    return snapshots.map(({ number, active }) => `region-${number}${active === 1 ? '*' : ''}`).join(' ')
  } finally {
    store.close()
  }
}

function manyGemeinden(count: number): string {
  return Array.from({ length: count }, (_, at) => {
    const key = String(at).padStart(6, '0')
    return `${gvGemeinde(`03${key} 0001`, `Gemeinde ${at}`)}\n`
  }).join('')
}

const FORMER = 'region-1*'
const NEW = 'region-1 region-2*'
const importing = ['region', 'import', RS]

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

/** Runs an import and lets its n-th call of a system call fail or kill it. */
function injected(
  call: string,
  what: string,
  number: number,
  store: string,
  args: readonly string[] = importing,
) {
  const inject = `inject=${call}:${what}:when=${number}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
  return spawnSync('strace', [...strace, process.execPath, BIN, ...args], {
    env: { PATH: process.env.PATH, HOME: dirname(store), OZGCTL_STORE: store },
    encoding: 'utf8',
  })
}

describe('killed at any moment, a store holds the former snapshot or the new one, whole', () => {
  // What SQLite writes with: node:sqlite calls fsync, not fdatasync.
  describe.skipIf(!canTrace)('at each system call that writes (needs strace)', () => {
    test.each([
      ['pwrite64', 3],
      ['fsync', 1],
      ['ftruncate', 1],
      ['unlink', 1],
    ])('%s', async (call, step) => {
      const seen: string[] = []
      for (let at = 1; ; at += step) {
        const place = workplace()
        const run = injected(call, 'signal=SIGKILL', at, place.store)
        if (run.signal === null && run.status === 0) break
        expect(run.signal).toBe('SIGKILL')
        seen.push(await stateOf(place.store))
      }
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.filter((state) => state !== FORMER && state !== NEW)).toEqual([])
      // Once the new one is there it stays: there is one moment at which it becomes true.
      expect(seen.toSorted((a, b) => a.length - b.length)).toEqual(seen)
      if (call === 'pwrite64' || call === 'fsync') expect(seen[0]).toBe(FORMER)
    })

    test('the first import of all, which also makes the store', async () => {
      const seen: string[] = []
      for (let at = 1; ; at += 8) {
        const store = join(temporaryFolder(), 'ozgctl.db')
        const run = injected('pwrite64', 'signal=SIGKILL', at, store, ['region', 'import', GV])
        if (run.signal === null && run.status === 0) break
        seen.push(existsSync(store) ? await stateOf(store) : '')
        expect((await ozgctl(['region', 'import', GV, '--store', store])).code).toBe(0)
      }
      expect(seen.length).toBeGreaterThan(5)
      expect(seen.filter((state) => state !== '' && state !== FORMER)).toEqual([])
    })
  })

  test('at each change of a file beside the store, as another process sees it', async () => {
    const seen: string[] = []
    let ended = false
    for (let at = 1; !ended; at++) {
      const { cwd, store, env } = workplace()
      const child = spawn(process.execPath, [BIN, ...importing], { cwd, env, stdio: 'ignore' })
      let events = 0
      const watcher = watch(cwd, () => {
        if (++events === at) child.kill('SIGKILL')
      })
      const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
      watcher.close()
      ended = signal === null
      seen.push(await stateOf(store))
    }
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.filter((state) => state !== FORMER && state !== NEW)).toEqual([])
    expect(seen.at(-1)).toBe(NEW)
  })
})

describe('at the same time', () => {
  test.each([
    ['two imports into a store', 2, true],
    ['eight imports into a store that does not exist yet', 8, false],
  ])('%s are both safe: all succeed, each has its snapshot, one is active', async (_, count, exists) => {
    const { cwd, store, env } = workplace()
    if (!exists) rmSync(store)
    const runs = await Promise.all(
      Array.from({ length: count }, () =>
        ozgctlJson(['region', 'import', GV], { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }),
      ),
    )
    expect(runs.map(({ code }) => code)).toEqual(Array(count).fill(0))
    const first = exists ? 2 : 1
    const names = Array.from({ length: count }, (_, at) => `region-${first + at}`)
    expect(runs.map(({ json }) => json.snapshot).sort()).toEqual(names)
    const all = exists ? ['region-1', ...names] : names
    expect(await stateOf(store)).toBe(`${all.join(' ')}*`)
  })

  test('reading goes on while another process writes, and sees the former snapshot', async () => {
    const { cwd, store, env } = workplace()
    const writer = new DatabaseSync(store)
    writer.exec('BEGIN IMMEDIATE; DELETE FROM region')
    const { code, json } = await ozgctlJson(['region', 'list'], {
      cwd,
      env: { OZGCTL_STORE: env.OZGCTL_STORE },
    })
    expect(code).toBe(0)
    expect(json.regions).toHaveLength(70)
    writer.exec('ROLLBACK')
    writer.close()
  })

  test('two reports into one file: it is one of them, whole', async () => {
    const { cwd, env } = workplace()
    const report = (level: string) =>
      ozgctl(['region', 'list', '--level', level, '--output', 'csv', '--out', 'list.csv'], {
        cwd,
        env: { OZGCTL_STORE: env.OZGCTL_STORE },
      })
    for (let round = 0; round < 5; round++) {
      await Promise.all([report('gemeinde'), report('verband')])
      const lines = readFileSync(join(cwd, 'list.csv'), 'utf8').trimEnd().split('\n')
      expect(new Set(lines.slice(1).map((line) => line.split(';')[1])).size).toBe(1)
      expect([25, 38]).toContain(lines.length)
    }
    expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('when the disk is full or fails', () => {
  describe.skipIf(!canTrace)('at each write (needs strace)', () => {
    test.each([
      ['pwrite64', 'ENOSPC', 3],
      ['pwrite64', 'EIO', 7],
      ['fsync', 'EIO', 1],
      ['ftruncate', 'ENOSPC', 1],
    ])('%s with %s: exit 74 and the former state, or done', async (call, error, step) => {
      const outcomes: string[] = []
      for (let at = 1; ; at += step) {
        const place = workplace()
        const run = injected(call, `error=${error}`, at, place.store)
        const state = await stateOf(place.store)
        outcomes.push(`${run.status} ${state}`)
        if (run.status === 74) {
          expect(run.stderr).toMatch(
            /^Error: the store .* cannot be written \(.*\); nothing was changed\n {2}Make room/,
          )
          expect(run.stdout).toBe('')
        }
        if (run.status === 0 && at > 40) break
        if (run.status === 0 && call !== 'pwrite64' && at > 8) break
      }
      // Errors while the log is folded into the database come after the snapshot is durable: it is done.
      expect(outcomes.filter((outcome) => ![`74 ${FORMER}`, `0 ${NEW}`].includes(outcome))).toEqual([])
    })
  })

  test('a limit for files stops the import: exit 74 and the former state', async () => {
    const { cwd, store, env } = workplace()
    writeFileSync(join(cwd, 'gv.txt'), manyGemeinden(3000))
    const run = spawnSync(
      'bash',
      ['-c', `ulimit -f 200; "${process.execPath}" "${BIN}" region import gv.txt`],
      { cwd, env, encoding: 'utf8' },
    )
    expect(run).toMatchObject({ status: 74, stdout: '' })
    expect(run.stderr).toMatch(/^Error: the store .* cannot be written \(.*\); nothing was changed\n/)
    expect(await stateOf(store)).toBe(FORMER)
  })

  const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0
  test.skipIf(!canMount)(
    'a small disk that fills up: exit 74 and the former state (needs the right to mount)',
    async () => {
      const { cwd, env } = workplace()
      writeFileSync(join(cwd, 'gv.txt'), manyGemeinden(6000))
      const script = `set -e
      mkdir disk && mount -t tmpfs -o size=400k none disk && cp ozgctl.db disk/
      set +e; "${process.execPath}" "${BIN}" region import gv.txt --store disk/ozgctl.db; code=$?
      cp disk/ozgctl.db* after/; exit $code`
      execFileSync('mkdir', ['after'], { cwd })
      const run = spawnSync('unshare', ['--mount', 'bash', '-c', script], { cwd, env, encoding: 'utf8' })
      expect(run).toMatchObject({ status: 74, stdout: '' })
      expect(run.stderr).toContain('nothing was changed')
      expect(await stateOf(join(cwd, 'after', 'ozgctl.db'))).toBe(FORMER)
    },
  )

  test('a report that does not fit leaves the former file and nothing beside it', async () => {
    const { cwd, env } = workplace()
    writeFileSync(join(cwd, 'gv.txt'), manyGemeinden(3000))
    writeFileSync(join(cwd, 'list.csv'), 'former\n')
    const script = `ozgctl() { "${process.execPath}" "${BIN}" "$@"; }
      ozgctl region import gv.txt > /dev/null && ulimit -f 100 && ozgctl region list --output csv --out list.csv`
    const run = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' })
    expect(run).toMatchObject({
      status: 74,
      stdout: '',
      stderr:
        'Error: list.csv cannot be written: it would exceed the limit for files\n  Raise the limit (ulimit -f) and repeat.\n',
    })
    expect(readFileSync(join(cwd, 'list.csv'), 'utf8')).toBe('former\n')
    expect(readdirSync(cwd).sort()).toEqual(['gv.txt', 'list.csv', 'ozgctl.db'])
  })

  test.skipIf(!existsSync('/dev/full'))(
    'standard output (no /dev/full here): exit 74, the import itself is done',
    async () => {
      const { cwd, store, env } = workplace()
      for (const flags of ['', '--json']) {
        const run = spawnSync(
          'bash',
          ['-c', `"${process.execPath}" "${BIN}" region import "${RS}" ${flags} > /dev/full`],
          {
            cwd,
            env,
            encoding: 'utf8',
          },
        )
        expect(run.status).toBe(74)
        expect(run.stderr).toBe(
          `Error: standard output cannot be written: the disk is full; region-${flags === '' ? 2 : 3} is active\n  See: ozgctl region history\n`,
        )
      }
      expect(await stateOf(store)).toBe('region-1 region-2 region-3*')
    },
  )
})

test.skipIf(!existsSync('/dev/full'))(
  'the answer of an import of offers that cannot be written says what is active (no /dev/full here)',
  () => {
    const { cwd, env } = workplace()
    const run = spawnSync(
      'bash',
      [
        '-c',
        `"${process.execPath}" "${BIN}" offer import "${root}/fixtures/offer/offers.csv" -q > /dev/full`,
      ],
      { cwd, env, encoding: 'utf8' },
    )
    expect(run).toMatchObject({
      status: 74,
      stderr:
        'Error: standard output cannot be written: the disk is full; offer-1 is active\n  See: ozgctl offer history\n',
    })
  },
)

describe('where nothing may be written', () => {
  test('--out and --rejects into a folder that does not exist: exit 74, known before the work is done', async () => {
    const { cwd, store, env } = workplace()
    const options = { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }
    expect(await ozgctl(['region', 'list', '--out', 'missing/list.csv'], options)).toMatchObject({
      code: 74,
      stdout: '',
      stderr:
        'Error: missing/list.csv cannot be written: its folder does not exist\n  Make the folder, or name another file.\n',
    })
    expect(await ozgctlJson([...importing, '--rejects', 'missing/rejects.csv'], options)).toMatchObject({
      code: 74,
      json: { error: { code: 'OUTPUT_FAILED' } },
    })
    expect(await stateOf(store)).toBe(FORMER)
  })

  test.skipIf(!existsSync('/dev/full'))(
    '--rejects onto a full disk stops the import (no /dev/full here)',
    async () => {
      const { cwd, store, env } = workplace()
      const options = { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }
      expect((await ozgctl([...importing, '--rejects', '/dev/full'], options)).code).toBe(74)
      expect(await stateOf(store)).toBe(FORMER)
    },
  )

  test('a store in a file, a folder as store, and files that are no stores', async () => {
    const { cwd } = workplace()
    writeFileSync(join(cwd, 'garbage'), 'x'.repeat(5000))
    const foreign = new DatabaseSync(join(cwd, 'foreign'))
    foreign.exec('CREATE TABLE theirs (x)')
    foreign.close()
    copyFileSync(prepared, join(cwd, 'newer'))
    const newer = new DatabaseSync(join(cwd, 'newer'))
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    const outcomes = []
    for (const store of ['garbage/ozgctl.db', '.', 'garbage', 'foreign', 'newer']) {
      const before = existsSync(join(cwd, store)) && store !== '.' ? readFileSync(join(cwd, store)) : ''
      for (const call of [importing, ['region', 'list']]) {
        const { code, json } = await ozgctlJson([...call, '--store', store], { cwd })
        outcomes.push(`${store} ${call[1]}: ${code} ${(json.error as { code: string } | undefined)?.code}`)
      }
      if (before !== '') expect(readFileSync(join(cwd, store)).equals(before as Buffer)).toBe(true)
    }
    expect(outcomes).toEqual([
      'garbage/ozgctl.db import: 74 STORE_UNWRITABLE',
      'garbage/ozgctl.db list: 64 STORE_MISSING',
      '. import: 74 STORE_UNWRITABLE',
      '. list: 74 STORE_UNWRITABLE',
      'garbage import: 1 STORE_DAMAGED',
      'garbage list: 1 STORE_DAMAGED',
      'foreign import: 64 STORE_FOREIGN',
      'foreign list: 64 STORE_FOREIGN',
      'newer import: 69 STORE_NEWER',
      'newer list: 69 STORE_NEWER',
    ])
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a store in a folder of somebody else is read, and an import into it ends with 74 (needs root to become another)',
    async () => {
      const { cwd, store, env } = workplace()
      chmodSync(cwd, 0o755)
      chmodSync(store, 0o644)
      const asNobody = (...args: readonly string[]) =>
        spawnSync(process.execPath, [BIN, ...args], { uid: 65534, gid: 65534, cwd, env, encoding: 'utf8' })
      expect(asNobody('region', 'show', '03404000')).toMatchObject({ status: 0, stderr: '' })
      expect(asNobody(...importing)).toMatchObject({
        status: 74,
        stdout: '',
        stderr: `Error: the store ${store} cannot be opened for writing\n  Check the rights of the file and its folder, or name another with --store.\n`,
      })
      expect(asNobody('region', 'list', '--out', 'list.csv')).toMatchObject({
        status: 74,
        stderr:
          'Error: list.csv cannot be written: this user may not write there\n  Ask for the right to write there, or name another file.\n',
      })
      expect(readdirSync(cwd)).toEqual(['ozgctl.db'])
      expect(await stateOf(store)).toBe(FORMER)
    },
  )
})

describe('a reader that goes away', () => {
  test('| head -1 ends quietly with 0', () => {
    const { cwd, env } = workplace()
    const rows = Array.from(
      { length: 3000 },
      (_, at) => [`01${String(at).padStart(10, '1')}`, `Gemeinde ${at}`] as const,
    )
    writeFileSync(join(cwd, 'list.xml'), codeList('rs', rows))
    const run = spawnSync(
      'bash',
      [
        '-c',
        `ozgctl() { "${process.execPath}" "${BIN}" "$@"; }
        ozgctl region import list.xml --max-rejects 100% > /dev/null || exit 99
        for format in table csv markdown json; do ozgctl region list --output $format | head -1 | wc -l; echo "\${PIPESTATUS[0]}"; done
        ozgctl region import missing.xml 2>&1 > /dev/null | true; echo "\${PIPESTATUS[0]}"`,
      ],
      { cwd, env, encoding: 'utf8' },
    )
    expect(run).toMatchObject({ status: 0, stderr: '', stdout: `${'1\n0\n'.repeat(4)}65\n` })
  })
})

test.each([
  ['region import pipe', 143],
  ['tenant plan -f pipe', 143],
  ['tenant plan -f network.yaml --from-file pipe', 143],
  ['tenant apply pipe', 143],
  ['health check -f pipe', 143],
] as const)('%s, where nobody writes into the pipe, ends by one SIGTERM: exit %i', async (call, code) => {
  const { cwd, env } = workplace()
  writeFileSync(
    join(cwd, 'network.yaml'),
    'network: { account: x, name: X, anchor: "03459" }\ntenants:\n  - { ars: "034590014014", slug: b, name: B }\n',
  )
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  const child = spawn(process.execPath, [BIN, ...call.split(' ')], { cwd, env, stdio: 'ignore' })
  // It opens when its reader has done so.
  const pipe = openSync(join(cwd, 'pipe'), 'w')
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([code, null])
  closeSync(pipe)
})

describe('stopped by a signal', () => {
  /** An import that has read the beginning of its input and waits for the rest. */
  async function waiting(args: readonly string[] = []) {
    const place = workplace()
    execFileSync('mkfifo', [join(place.cwd, 'pipe')])
    const child = spawn(process.execPath, [BIN, 'region', 'import', 'pipe', ...args], {
      cwd: place.cwd,
      env: place.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // A pipe opens when its reader does, and takes more than it can hold only when somebody reads it.
    const pipe = openSync(join(place.cwd, 'pipe'), 'w')
    writeSync(pipe, `${gvGemeinde('3459014 0014', 'Bramsche')}\n`.repeat(2000))
    return { ...place, child, pipe }
  }

  async function end(child: ChildProcess) {
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      stderr += part
    })
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stderr }
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while reading: exit %i, nothing changed, nothing left behind', async (signal, code) => {
    const { cwd, store, child, pipe } = await waiting(['--rejects', 'rejects.csv'])
    writeFileSync(join(cwd, 'rejects.csv'), 'former\n')
    child.kill(signal)
    const outcome = await end(child)
    closeSync(pipe)
    expect(outcome).toEqual({ code, stderr: `${signal}: stopped; nothing was changed\n` })
    expect(readFileSync(join(cwd, 'rejects.csv'), 'utf8')).toBe('former\n')
    expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toEqual([])
    expect(await stateOf(store)).toBe(FORMER)
  })

  test('SIGINT while another process writes: it is heard at once, not after a minute', async () => {
    const { cwd, store, child, pipe } = await waiting([
      '--allow-shrink',
      '--max-rejects',
      '100%',
      '--rejects',
      'rejects.csv',
    ])
    const writer = new DatabaseSync(store)
    writer.exec('BEGIN IMMEDIATE')
    writeSync(pipe, `${gvGemeinde('03459014 0014', 'Bramsche')}\n`)
    const rejects = new Promise<void>((resolve) => {
      const watcher = watch(cwd, () => {
        if (!existsSync(join(cwd, 'rejects.csv'))) return
        watcher.close()
        resolve()
      })
    })
    closeSync(pipe)
    // With its file of rejects it has all it needs, and waits for the writer, who does not end before it does.
    await rejects
    child.kill('SIGINT')
    expect(await end(child)).toEqual({ code: 130, stderr: 'SIGINT: stopped; nothing was changed\n' })
    writer.exec('ROLLBACK')
    writer.close()
    expect(await stateOf(store)).toBe(FORMER)
  })

  test.skipIf(!canTrace)('what it says is true at each write (needs strace)', async () => {
    const outcomes = new Set<string>()
    for (const [call, last] of [
      ['pwrite64', 44],
      ['fsync', 5],
    ] as const)
      for (let at = 1; at <= last; at += call === 'fsync' ? 1 : 6) {
        const place = workplace()
        const { status, stderr } = injected(call, 'signal=SIGTERM', at, place.store)
        outcomes.add(`${status} ${stderr}${await stateOf(place.store)}`)
      }
    for (const outcome of outcomes)
      expect([
        `143 SIGTERM: stopped; nothing was changed\n${FORMER}`,
        `143 SIGTERM: stopped; what was written before stays\n${NEW}`,
        `0 ${NEW}`,
      ]).toContain(outcome)
    expect([...outcomes].filter((outcome) => outcome.endsWith(FORMER))).toHaveLength(1)
  })
})

describe('the file of rejects', () => {
  const faulty = codeList('rs', [
    ['034590014014', 'Bramsche'],
    ['34590013013', 'Bohmte'],
  ])

  test('appears also when the import fails, with what was found until then', async () => {
    const { cwd, env } = workplace()
    writeFileSync(join(cwd, 'list.xml'), faulty)
    writeFileSync(join(cwd, 'cut.xml'), faulty.slice(0, -20))
    const options = { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }
    const row = 'list.xml;5;;rejected;leading-zero-lost;SCHLUESSEL;34590013013\n'
    for (const [args, expected] of [
      [['list.xml', '--strict'], row],
      [['list.xml'], row],
      [['cut.xml'], row.replace('list', 'cut')],
    ] as const) {
      rmSync(join(cwd, 'rejects.csv'), { force: true })
      expect((await ozgctl(['region', 'import', ...args, '--rejects', 'rejects.csv'], options)).code).toBe(65)
      expect(readFileSync(join(cwd, 'rejects.csv'), 'utf8')).toBe(
        `file;line;column;action;reason;field;value\n${expected}`,
      )
    }
  })

  test('is left as it was when the import fails before a single faulty row', async () => {
    const { cwd, env } = workplace()
    writeFileSync(join(cwd, 'rejects.csv'), 'former\n')
    const options = { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }
    const run = await ozgctl(['region', 'import', 'missing.xml', '--rejects', 'rejects.csv'], options)
    expect(run.code).toBe(65)
    expect(readFileSync(join(cwd, 'rejects.csv'), 'utf8')).toBe('former\n')
    expect(readdirSync(cwd).sort()).toEqual(['ozgctl.db', 'rejects.csv'])
  })

  test('has nothing but its head when no row is faulty', async () => {
    const { cwd, env } = workplace()
    writeFileSync(join(cwd, 'rejects.csv'), 'former\n')
    const options = { cwd, env: { OZGCTL_STORE: env.OZGCTL_STORE } }
    expect((await ozgctl([...importing, '--rejects', 'rejects.csv'], options)).code).toBe(0)
    expect(readFileSync(join(cwd, 'rejects.csv'), 'utf8')).toBe(
      'file;line;column;action;reason;field;value\n',
    )
  })
})

test('without a home folder the store is where the account lives, never in the folder one is in', async () => {
  const cwd = temporaryFolder()
  const run = spawnSync(process.execPath, [BIN, 'region', 'list'], {
    cwd,
    env: { PATH: process.env.PATH, XDG_STATE_HOME: 'relative' },
    encoding: 'utf8',
  })
  expect([0, 64]).toContain(run.status)
  expect(readdirSync(cwd)).toEqual([])
})

test('rejects can go to standard output, a file or a pipe, beside what is there', async () => {
  const folder = temporaryFolder()
  const call = `'${process.execPath}' bin/run.js catalog import fixtures/catalog/leika_leistungen.csv --quiet --rejects /dev/stdout --store '${folder}/ozgctl.db'`
  const out = join(folder, 'out.txt')
  for (const command of [`${call} > '${out}'`, `${call} | cat > '${out}'`]) {
    expect(spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: root }).status).toBe(0)
    const text = readFileSync(out, 'utf8')
    expect(text).toContain('leika_leistungen.csv;411;1;rejected;leika-key-invalid;leika_key;25323525')
    expect(text).toMatch(/catalog-\d ist jetzt aktiv/)
  }
})
