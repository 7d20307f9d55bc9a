import { describe, expect, it } from 'vitest'
import { unknownCommand } from '../src/unknown-command.ts'

const COMMANDS = ['coverage:gaps', 'coverage:report', 'region:history', 'region:list', 'region:show']
const suggestions = (id: string) => unknownCommand(id, COMMANDS).suggestions

describe('a call that names no command', () => {
  it('is answered with what was probably meant, and not with the rest of the topic', () => {
    expect(suggestions('coverage:repot')).toEqual([
      'Did you mean: ozgctl coverage report',
      'All commands: ozgctl help coverage',
    ])
  })

  it('is understood with arguments after it', () => {
    expect(suggestions('regoin:list:03459')).toEqual([
      'Did you mean: ozgctl region list',
      'All commands: ozgctl help',
    ])
  })

  it('is not guessed when nothing is near', () => {
    expect(suggestions('version')).toEqual(['All commands: ozgctl help'])
  })

  it('is told apart from a command that takes no argument', () => {
    const error = unknownCommand('region:history:urn:de:x', COMMANDS)
    expect(error.message).toBe('"region history" takes no argument "urn:de:x"')
    expect(error.exit).toBe(64)
  })
})
