import { readFileSync, readlinkSync } from 'node:fs'

/**
 * A process on a machine, so that another process can tell whether it still lives. Each text is empty where the system
 * does not say: what is not known is never taken for equal.
 */
export interface Holder {
  readonly host: string
  /** Tells machines apart that have one name, machine-id(5). */
  readonly machine: string
  /** Tells the present start of the machine from former ones; the same in all containers on it. */
  readonly boot: string
  /** Whom a process number is counted among, and by which clock: pid_namespaces(7), time_namespaces(7). */
  readonly namespace: string
  readonly pid: number
  /** Tells a process from a later one with the same number. */
  readonly processStart: string
}

/** What the table of processes says about a number. */
export type Sighting =
  | { readonly kind: 'runs'; readonly start: string }
  | { readonly kind: 'none' }
  /** It may not be looked at. */
  | { readonly kind: 'hidden' }

/** `alive` and `gone` are certain; of whoever is elsewhere nothing is. */
export type Fate = 'alive' | 'gone' | 'unknown'

/** Which clock the uptime is: two are the same when this is, and known. */
export function uptimeClock(): string {
  const boot = bootHere()
  return boot === '' ? '' : `${boot} ${targetOf('/proc/self/ns/time')}`.trim()
}

/** The process with this number on this machine. */
export function holderOf(host: string, pid: number): Holder {
  const seen = lookFor(pid)
  return {
    host,
    machine: contentOf('/etc/machine-id'),
    boot: bootHere(),
    namespace: namespaceHere(),
    pid,
    processStart: seen.kind === 'runs' ? seen.start : '',
  }
}

/**
 * What is certain about a holder. One on another host, on a machine that only has the same name, or in a container with
 * process numbers of its own may live whatever the numbers here say.
 * @param look into the table of processes of `here`
 */
export function fateOf(holder: Holder, here: Holder, look: (pid: number) => Sighting = lookFor): Fate {
  if (holder.host !== here.host || holder.boot === '') return 'unknown'
  // Of two starts of one machine the former has ended; of two machines nothing has.
  if (holder.boot !== here.boot) return isSame(holder.machine, here.machine) ? 'gone' : 'unknown'
  if (!isSame(holder.namespace, here.namespace) || holder.processStart === '') return 'unknown'
  const seen = look(holder.pid)
  switch (seen.kind) {
    case 'runs':
      return seen.start === holder.processStart ? 'alive' : 'gone'
    case 'none':
      return 'gone'
    case 'hidden':
      return 'unknown'
  }
}

const isSame = (one: string, other: string): boolean => one !== '' && one === other

/** States of a process that is dead and only waits for its parent to hear of it. */
const DEAD = ['Z', 'X']

/**
 * proc(5): the 3rd field of `stat` is the state, the 22nd the start; fields are counted behind the name, which may hold
 * blanks and brackets.
 */
function lookFor(pid: number): Sighting {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const start = fields[19]
    if (start === undefined) return { kind: 'hidden' }
    return DEAD.includes(fields[0] ?? '') ? { kind: 'none' } : { kind: 'runs', start }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // Where even the first process is not seen, those of others are hidden: proc(5), hidepid.
    const isAbsent = (code === 'ENOENT' || code === 'ESRCH') && contentOf('/proc/1/stat') !== ''
    return { kind: isAbsent ? 'none' : 'hidden' }
  }
}

const bootHere = (): string => contentOf('/proc/sys/kernel/random/boot_id')

/**
 * Empty where /proc shows the processes of another namespace than this one's own: then `NSpid` has a number for each
 * in between, and our numbers mean others there.
 */
function namespaceHere(): string {
  const numbers = /^NSpid:(.*)$/m.exec(contentOf('/proc/self/status'))?.[1]?.trim().split(/\s+/)
  if (numbers?.length !== 1) return ''
  const pid = targetOf('/proc/self/ns/pid')
  return pid === '' ? '' : `${pid} ${targetOf('/proc/self/ns/time')}`.trim()
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
