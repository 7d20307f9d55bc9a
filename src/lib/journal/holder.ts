import { existsSync, readFileSync } from 'node:fs'

/** A process on a machine, so that another process can tell whether it still lives. */
export interface Holder {
  readonly host: string
  readonly pid: number
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly processStart: string
  /** Tells the present start of the machine from former ones; empty where the system does not say. */
  readonly boot: string
}

/** The process with this number on this machine. */
export function holderOf(host: string, pid: number): Holder {
  return { host, pid, processStart: processStart(pid) ?? '', boot: bootId() }
}

/**
 * Whether a holder is certainly gone. A holder elsewhere (another host, a container with process numbers of its own)
 * is never certainly gone: there the lease decides.
 */
export function isGone(holder: Holder, here: Holder): boolean {
  if (holder.boot !== here.boot) return true
  if (holder.host !== here.host || holder.processStart === '') return false
  return processStart(holder.pid) !== holder.processStart
}

/** States of a process that is dead and only waits for its parent to hear of it. */
const DEAD = ['Z', 'X']

/**
 * proc(5): the 3rd field of `stat` is the state, the 22nd the start; fields are counted behind the name, which may hold
 * blanks and brackets.
 */
function processStart(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  try {
    const text = readFileSync(file, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return DEAD.includes(fields[0] ?? '') ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function bootId(): string {
  const file = '/proc/sys/kernel/random/boot_id'
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}
