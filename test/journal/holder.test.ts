import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fateOf, type Holder, holderOf, type Sighting } from '../../src/lib/journal/holder.ts'

const HERE: Holder = {
  host: 'rz1',
  machine: 'm1',
  boot: 'b1',
  namespace: 'pid:[1] time:[1]',
  pid: 10,
  processStart: '500',
}

const LIVES: Sighting = { kind: 'runs', start: '100' }
const OTHER_PROCESS: Sighting = { kind: 'runs', start: '900' }
const NONE: Sighting = { kind: 'none' }
const HIDDEN: Sighting = { kind: 'hidden' }

describe('what is certain about a holder', () => {
  test.each<readonly [string, Partial<Holder>, Sighting, ReturnType<typeof fateOf>]>([
    ['a neighbour whose process is seen', {}, LIVES, 'alive'],
    ['one whose number another process has by now', {}, OTHER_PROCESS, 'gone'],
    ['one whose number nobody has', {}, NONE, 'gone'],
    ['one that may not be looked at', {}, HIDDEN, 'unknown'],
    ['one of a former start of this machine', { boot: 'b0' }, LIVES, 'gone'],
    ['one on a machine of the same name', { boot: 'b2', machine: 'm2' }, NONE, 'unknown'],
    ['one on a machine of the same name that has no number', { boot: 'b2', machine: '' }, NONE, 'unknown'],
    ['one that does not know when its machine was started', { boot: '' }, NONE, 'unknown'],
    ['one on another host', { host: 'rz2', boot: 'b2', machine: 'm2' }, NONE, 'unknown'],
    ['one on another host with the number of this one', { host: 'rz2', boot: 'b2' }, NONE, 'unknown'],
    ['a container with a name of its own', { host: 'c1', namespace: 'pid:[2] time:[1]' }, NONE, 'unknown'],
    ['a container with the name of its host', { namespace: 'pid:[2] time:[1]' }, NONE, 'unknown'],
    ['one whose uptime is counted otherwise', { namespace: 'pid:[1] time:[2]' }, LIVES, 'unknown'],
    ['one that does not know its namespace', { namespace: '' }, NONE, 'unknown'],
    ['one whose start is not known', { processStart: '' }, NONE, 'unknown'],
  ])('%s', (_, more, seen, fate) => {
    const holder = { ...HERE, pid: 20, processStart: '100', ...more }
    expect(fateOf(holder, HERE, () => seen)).toBe(fate)
  })

  test('where the system says nothing, nothing is', () => {
    const unknown = { host: 'rz1', machine: '', boot: '', namespace: '', pid: 1, processStart: '' }
    expect(fateOf(unknown, unknown, () => NONE)).toBe('unknown')
    const here = { ...HERE, machine: '', namespace: '' }
    expect(fateOf(here, here, () => NONE)).toBe('unknown')
    expect(fateOf({ ...here, boot: 'b0' }, here, () => NONE)).toBe('unknown')
  })
})

describe.skipIf(process.platform !== 'linux')('on this machine', () => {
  test('a process is alive until it ends, also while its parent has not heard of it', async () => {
    const here = holderOf(hostname(), process.pid)
    expect(fateOf(here, here)).toBe('alive')
    const child = spawn('sleep', ['1000'])
    const holder = holderOf(hostname(), child.pid ?? 0)
    expect(fateOf(holder, here)).toBe('alive')
    expect(fateOf({ ...holder, processStart: '1' }, here)).toBe('gone')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(fateOf(holder, here)).toBe('gone')
  })

  test('a process whose parent never hears of its end is gone all the same', async () => {
    const parent = spawn(
      'sh',
      ['-c', 'sh -c "echo \\$\\$; read line" <&3 3<&- & exec sleep 1000 3<&-', 'sh'],
      {
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      },
    )
    onTestFinished(() => {
      parent.kill('SIGKILL')
    })
    const { stdout, stdio } = parent
    if (stdout === null) throw new Error('it says nothing')
    const [data] = await once(stdout, 'data')
    const holder = holderOf(hostname(), Number(data))
    const here = holderOf(hostname(), process.pid)
    expect(fateOf(holder, here)).toBe('alive')
    stdio[3]?.destroy()
    const state = () => readFileSync(`/proc/${holder.pid}/stat`, 'utf8').split(') ')[1]?.[0]
    while (state() !== 'Z') await new Promise(setImmediate)
    expect(fateOf(holder, here)).toBe('gone')
  })

  const SCRIPT = `
    const { holderOf } = await import('${new URL('../../src/lib/journal/holder.ts', import.meta.url)}')
    process.stdout.write(JSON.stringify(holderOf(process.argv[1], process.pid)))
    process.stdin.resume()`

  const mayUnshare = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0
  const note = mayUnshare ? '' : ' (skipped: this user may make no namespaces)'

  async function holderBy(
    command: readonly string[],
  ): Promise<{ holder: Holder; end: () => Promise<unknown> }> {
    const [program = '', ...args] = [
      ...command,
      process.execPath,
      '--input-type=module',
      '-e',
      SCRIPT,
      hostname(),
    ]
    const child = spawn(program, args)
    const [data] = await once(child.stdout, 'data')
    const end = () => {
      child.stdin.end()
      return once(child, 'exit')
    }
    return { holder: JSON.parse(String(data)), end }
  }

  test('a process beside this one is known', async () => {
    const here = holderOf(hostname(), process.pid)
    const { holder, end } = await holderBy(['env'])
    expect(fateOf(holder, here)).toBe('alive')
    await end()
    expect(fateOf(holder, here)).toBe('gone')
  })

  test.skipIf(!mayUnshare).each([
    ['with a table of processes of its own', ['unshare', '--pid', '--fork', '--mount-proc']],
    ['that sees the processes of its host', ['unshare', '--pid', '--fork']],
  ])(`nothing is certain of one in another namespace of processes, %s${note}`, async (_, command) => {
    const here = holderOf(hostname(), process.pid)
    const { holder, end } = await holderBy(command)
    expect(holder.boot).toBe(here.boot)
    // What it finds under a number there is another process.
    expect(holder.namespace === '').toBe(!command.includes('--mount-proc'))
    expect(fateOf(holder, here)).toBe('unknown')
    expect(fateOf(here, holder)).toBe('unknown')
    await end()
    expect(fateOf(holder, here)).toBe('unknown')
  })

  // A table of processes that shows each user only their own: proc(5), hidepid.
  const OTHERS_HIDDEN = [
    'unshare',
    ...['--pid', '--fork', '--mount', 'sh', '-c'],
    'mount -t proc -o hidepid="$0" proc /proc && setpriv --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"',
  ]
  const OF_THE_FIRST = `
    const { fateOf, holderOf } = await import('${new URL('../../src/lib/journal/holder.ts', import.meta.url)}')
    const here = holderOf('rz1', process.pid)
    const fate = (pid) => fateOf({ ...here, pid, processStart: '1' }, here)
    console.log(fate(1), fate(4000000), fateOf(here, here))`
  const look = (hidepid: string) =>
    spawnSync(
      OTHERS_HIDDEN[0] ?? '',
      [...OTHERS_HIDDEN.slice(1), hidepid, process.execPath, '--input-type=module', '-e', OF_THE_FIRST],
      { encoding: 'utf8' },
    )
  const mayHide = look('0').status === 0

  test.skipIf(!mayHide).each([
    ['are seen', '0', 'gone gone alive'],
    ['are hidden', '2', 'unknown unknown alive'],
  ])('where processes of others %s (needs root to mount such a /proc)', (_, hidepid, fates) => {
    expect(look(hidepid).stdout.trim()).toBe(fates)
  })
})
