import { fstatSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { EXIT } from './lib/exit-codes.ts'
import { writeAll } from './lib/output/disk.ts'
import { outputError } from './lib/output/output-error.ts'
import { neutralJson } from './lib/view/neutral.ts'

const STDOUT = 1

/** Whoever read standard output has closed the pipe, which is the reader's choice and no error. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** Nobody is left to tell when stderr is closed: the work goes on, and its exit code stays true. */
export function guardStderr(): void {
  process.stderr.on('error', () => undefined)
}

/** Texts that somebody waits for to be out: their failure is told by whoever wrote them. */
let waiting = 0
let hasFailed = false

/**
 * Ends the process when stdout fails and nobody waits for what was written: quietly when its reader has gone, with 74
 * when it could not be written. oclif's own handler would die with a stack there.
 */
export function guardStdout(): void {
  if (fstatSync(STDOUT).isFile()) writeWholly(process.stdout)
  process.stdout.removeAllListeners('error')
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (waiting > 0) return
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

/** Writes to stdout and waits until it is out. @throws ReaderGone; OzgctlError 74 OUTPUT_FAILED */
export async function printToStdout(text: string): Promise<void> {
  waiting++
  try {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error: NodeJS.ErrnoException | null | undefined) => {
        if (error == null) return resolve()
        hasFailed = true
        reject(error.code === 'EPIPE' ? new ReaderGone() : outputError(error, 'standard output'))
      })
    })
  } finally {
    waiting--
  }
}

/** Waits for what others have written. What has failed before has been told. @throws as `printToStdout` */
export async function flushStdout(): Promise<void> {
  if (!hasFailed) await printToStdout('')
}

export function formatJson(value: unknown): string {
  return `${neutralJson(JSON.stringify(value, undefined, 2))}\n`
}
