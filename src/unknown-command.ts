import { type OzgctlError, usageError } from './lib/errors.ts'
import { closest } from './lib/text.ts'

/**
 * The error for a call that names no command, with the commands that were probably meant. It only suggests: what was
 * mistyped may be about to change something.
 * @param id words of the call joined with `:`, as oclif hands them over
 * @param commands ids of the commands there are, in the same form
 */
export function unknownCommand(id: string, commands: readonly string[]): OzgctlError {
  const words = id.split(':')
  const called = words.join(' ')
  if (called.startsWith('-'))
    return usageError('COMMAND_MISSING', `a command must come before ${words[0]}`, ['See: ozgctl help'])
  const parent = commands.find((command) => id.startsWith(`${command}:`))
  if (parent !== undefined) {
    const name = parent.replaceAll(':', ' ')
    return usageError('USAGE', `"${name}" takes no argument "${id.slice(parent.length + 1)}"`, [
      `See: ozgctl ${name} --help`,
    ])
  }
  const names = commands.map((command) => command.replaceAll(':', ' '))
  const meant = closest(called, names)
  const topic = names.some((name) => name.startsWith(`${words[0]} `)) ? ` ${words[0]}` : ''
  return usageError('COMMAND_UNKNOWN', `"${called}" is no command`, [
    ...meant.map((name) => `Did you mean: ozgctl ${name}`),
    `All commands: ozgctl help${topic}`,
  ])
}
