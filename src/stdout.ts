import { EXIT } from './lib/exit-codes.ts'
import { outputError } from './lib/output/atomic-file.ts'
import { neutralJson } from './lib/view/neutral.ts'

/** Writes to stdout and waits until it is out. A closed pipe is the reader's choice; anything else fails loudly. */
export async function printToStdout(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.once('error', () => undefined)
    process.stdout.write(text, (error) => {
      if (error == null) resolve()
      else if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.ok)
      else reject(outputError(error, 'standard output'))
    })
  })
}

export function formatJson(value: unknown): string {
  return `${neutralJson(JSON.stringify(value, undefined, 2))}\n`
}
