import type { WriteStream } from 'node:tty'
import type { ChalkInstance } from 'chalk'

/**
 * Colours for a stream, or undefined where none belong: no terminal, a dumb one, or NO_COLOR set (no-color.org).
 * chalk is loaded only where it is used, for a pipe should not pay for it.
 */
export async function coloursFor(stream: WriteStream): Promise<ChalkInstance | undefined> {
  const { NO_COLOR = '', TERM } = process.env
  if (!stream.isTTY || NO_COLOR !== '' || TERM === 'dumb') return undefined
  const { Chalk } = await import('chalk')
  return new Chalk({ level: 1 })
}
