import { Secret } from './lib/config/secret.ts'
import { usageError } from './lib/errors.ts'

const MAX = 4096
/** Ctrl-C, which the terminal hands over as a key while it does not echo. */
const INTERRUPT = '\u0003'
const ENDS = ['\r', '\n', '\u0004', INTERRUPT]
const ERASERS = ['\u007f', '\b']

/**
 * A secret from standard input: typed without echo on a terminal, the first line of a pipe. Never from an argument, which
 * every process of the machine could read.
 * @throws OzgctlError 64 SECRET_MISSING
 */
export async function readSecret(prompt: string): Promise<Secret> {
  const text = process.stdin.isTTY ? await typed(prompt) : await firstLine()
  if (text !== '') return new Secret(text)
  throw usageError('SECRET_MISSING', 'there is no secret on standard input', [
    'Type it when you are asked, or pipe it in: ozgctl auth login NAME … < secret.txt',
  ])
}

async function firstLine(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const part of process.stdin) {
    text += String(part)
    if (text.includes('\n') || text.length > MAX) break
  }
  return text.split(/\r?\n/)[0]?.trim() ?? ''
}

function typed(prompt: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(prompt)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  return new Promise((resolve) => {
    let text = ''
    const end = (answer: string): void => {
      for (const event of ['end', 'close']) stdin.removeListener(event, gone)
      stdin.removeListener('data', take)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      resolve(answer)
    }
    const take = (part: string): void => {
      for (const key of part) {
        if (ENDS.includes(key)) {
          end(key === INTERRUPT ? '' : text.trim())
          if (key === INTERRUPT) process.kill(process.pid, 'SIGINT')
          return
        }
        text = ERASERS.includes(key) ? text.slice(0, -1) : text + key
      }
    }
    // A terminal that is closed ends the input, and gives errors when it is set back.
    const gone = (): void => end('')
    stdin.on('error', () => undefined)
    for (const event of ['end', 'close']) stdin.on(event, gone)
    stdin.on('data', take)
    stdin.resume()
  })
}
