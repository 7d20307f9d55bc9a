import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that a test needs, and whether it is there. */
export interface Program {
  readonly path: string
  /** For `test.skipIf`. */
  readonly missing: boolean
  /** Goes behind the name of the test: why it is skipped, or nothing. */
  readonly note: string
}

/** Where servers are that stand in no ordinary user's path. */
const SYSTEM = ['/usr/sbin', '/usr/local/sbin', '/usr/lib/openssh', '/usr/libexec/openssh']

/** Looks for a program. @param more folders to look in besides, the best one first */
export function program(name: string, more: readonly string[] = []): Program {
  const folders = [...more, ...(process.env.PATH ?? '').split(delimiter), ...SYSTEM]
  const path = folders.map((folder) => join(folder, name)).find(isProgram)
  return {
    path: path ?? name,
    missing: path === undefined,
    note: path === undefined ? ` (skipped: there is no ${name} here)` : '',
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
