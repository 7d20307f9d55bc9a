import type { Hook } from '@oclif/core'
import { unknownCommand } from '../unknown-command.ts'

const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id)
  throw unknownCommand(id, known)
}

export default commandNotFound
