import { expect, test } from 'vitest'
import { http } from '../../../src/lib/connector/kinds/http.ts'
import { http as standInHttp } from '../../../src/lib/sandbox/stand-ins/http.ts'
import { answer, faultServer, silence } from '../../support/fault-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { standIn } from '../../support/stand-in.ts'

const UP = answer(200, '{"status":"UP","version":"7.2"}')

test('all conditions hold', async () => {
  const { origin } = await faultServer([UP])
  const report = await checkOf(http, {
    url: new URL('/health', origin),
    settings: { conditions: [{ status: 200 }, { json: 'status', equals: 'UP' }, { responseTime: '10s' }] },
  })
  expect(unmetOf(report)).toEqual([])
  expect(statusOf(report)).toBe('ok')
  expect(conditionsOf(report).map(({ id }) => id)).toEqual(['status', 'json', 'response-time'])
  expect(Object.keys(report.exchanges[0]?.phases ?? {})).toEqual([
    'resolve',
    'connect',
    'request',
    'firstByte',
    'body',
  ])
})

test('silence ends in time, with the phase', async () => {
  const { origin } = await faultServer([silence])
  const report = await checkOf(http, {
    url: origin,
    settings: { conditions: [{ status: 200 }] },
    timeoutMs: 2000,
  })
  expect(unmetOf(report)).toEqual([
    `reachable: ${origin.host} gave no whole answer in time [waiting for the answer]`,
  ])
  expect(statusOf(report)).toBe('critical')
})

test('the stand-in is healthy, wrong, down and slow as it is told', async () => {
  const system = await standIn(standInHttp)
  const check = (timeoutMs = 10_000) => checkOf(http, { ...system, timeoutMs })
  expect(statusOf(await check())).toBe('ok')
  system.set('wrong')
  expect(unmetOf(await check())).toEqual(['json: missing'])
  system.set('down')
  expect(unmetOf(await check())).toEqual([
    `reachable: ${new URL(system.url).host} closed the connection before its answer was complete [waiting for the answer]`,
  ])
  system.set('slow')
  expect(statusOf(await check(50))).toBe('critical')
})
