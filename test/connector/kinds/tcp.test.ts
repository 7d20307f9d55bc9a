import { expect, test } from 'vitest'
import { tcp } from '../../../src/lib/connector/kinds/tcp.ts'
import { deadOrigin } from '../../support/fault-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { pour, talkServer } from '../../support/talk-server.ts'

test('a port that takes connections is enough where no banner is named', async () => {
  const { host } = await talkServer(() => undefined)
  const report = await checkOf(tcp, { url: `tcp://${host}` })
  expect(conditionsOf(report)).toEqual([
    {
      id: 'connection',
      met: true,
      severity: 'critical',
      expected: 'a connection',
      seen: `connected to ${host}`,
    },
  ])
  expect(Object.keys(report.exchanges[0]?.phases ?? {})).toEqual(['resolve', 'connect', 'body'])
})

test('the first line has the text of the banner in it', async () => {
  const { host } = await talkServer((socket) => {
    socket.write('SSH-2.0-Open')
    setImmediate(() => socket.write('SSH_9.2\r\nmore'))
  })
  const check = (banner: string) => checkOf(tcp, { url: `tcp://${host}`, settings: { banner } })
  expect(statusOf(await check('OpenSSH'))).toBe('ok')
  expect(unmetOf(await check('Dropbear'))).toEqual(['banner: "SSH-2.0-OpenSSH_9.2"'])
})

test.each([
  ['closes after a piece of a line', 'HEL', 'banner: "HEL"'],
  ['closes without a word', '', /^reachable: .* closed the connection before its answer was complete/],
] as const)('a server that %s', async (_name, text, unmet) => {
  const { host } = await talkServer((socket) => socket.end(text))
  const report = await checkOf(tcp, { url: `tcp://${host}`, settings: { banner: 'HELLO' } })
  expect(unmetOf(report)).toEqual([typeof unmet === 'string' ? unmet : expect.stringMatching(unmet)])
})

test('a first line without end is taken as far as it may be long', async () => {
  const { host } = await talkServer((socket) => pour(socket, 'x'.repeat(65_536)))
  const report = await checkOf(tcp, { url: `tcp://${host}`, settings: { banner: 'HELLO' } })
  expect(unmetOf(report)).toEqual([`banner: "${'x'.repeat(198)}…`])
})

test('silence where a banner is wanted ends in time', async () => {
  const { host } = await talkServer(() => undefined)
  const report = await checkOf(tcp, {
    url: `tcp://${host}`,
    settings: { banner: 'HELLO' },
    timeoutMs: 2000,
  })
  expect(unmetOf(report)).toEqual([`reachable: ${host} gave no whole answer in time [reading the answer]`])
})

test('a port where nobody listens is critical, and an address without a port our own mistake', async () => {
  const { host } = await deadOrigin()
  const report = await checkOf(tcp, { url: `tcp://${host}` })
  expect(unmetOf(report)).toEqual([`reachable: nobody listens at ${host} [connecting]`])
  const without = await checkOf(tcp, { url: 'tcp://127.0.0.1' })
  expect(statusOf(without)).toBe('unknown')
  expect(without.verdicts[0]?.summary).toBe('the address has no port')
})
