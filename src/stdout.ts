import { fstatSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { EXIT } from './lib/exit-codes.ts'
import { writeAll } from './lib/output/disk.ts'
import { outputError } from './lib/output/output-error.ts'
import { neutralJson } from './lib/view/neutral.ts'

const STDOUT = 1

/** Nobody is left to tell when stderr is closed: the work goes on, and its exit code stays true. */
export function guardStderr(): void {
  process.stderr.on('error', () => undefined)
}

/**
 * Ends the process when stdout fails: quietly when its reader has closed the pipe, which is the reader's choice, with
 * 74 when the output could not be written. oclif's own handler would die with a stack there.
 */
export function guardStdout(): void {
  if (fstatSync(STDOUT).isFile()) writeWholly(process.stdout)
  process.stdout.removeAllListeners('error')
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`Error: ${outputError(error, 'standard output').message}\n`)
    process.exit(EXIT.output)
  })
}

/** Node makes one call a chunk for a file, and does not look how much of it was taken: the end is lost without a word. */
function writeWholly(stream: Writable): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      writeAll(STDOUT, chunk)
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/** Writes to stdout and waits until it is out. When it fails, `guardStdout` has the last word. */
export async function printToStdout(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(text, (error) => {
      if (error == null) resolve()
    })
  })
}

export function formatJson(value: unknown): string {
  return `${neutralJson(JSON.stringify(value, undefined, 2))}\n`
}
