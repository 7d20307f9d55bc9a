import { expect, test } from 'vitest'
import { runChild } from '../src/child.ts'

const env = { PATH: process.env.PATH }
const never = new AbortController().signal

test.each([
  ['its exit code', ['sh', '-c', 'exit 7'], 7],
  ['the number of the signal that ended it', ['sh', '-c', 'kill -9 $$'], 137],
])('a command ends with %s', async (_what, [command = '', ...args], code) => {
  expect(await runChild(command, args, env, never)).toBe(code)
})

test('a signal that came before it began ends it, too', async () => {
  expect(await runChild('sleep', ['1000'], env, AbortSignal.abort())).toBe(143)
})

test('nothing is left behind in us', async () => {
  const before = process.listenerCount('exit')
  await runChild('true', [], env, never)
  await expect(runChild('no-such-command', [], env, never)).rejects.toMatchObject({ code: 'COMMAND_UNKNOWN' })
  expect(process.listenerCount('exit')).toBe(before)
})
