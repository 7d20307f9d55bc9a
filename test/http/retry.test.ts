import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../src/lib/http/retry-after.ts'
import { answer, faultServer, type Step } from '../support/fault-server.ts'
import { NOW, outcome, testClient } from '../support/http.ts'

const GET = { method: 'GET', path: '/o/thing' } as const
const POST = { method: 'POST', path: '/o/thing', body: '{}' } as const

const times = (count: number, step: Step): Step[] => Array(count).fill(step)
const busy = (retryAfter: string) => answer(429, '', { 'retry-after': retryAfter })

describe('a server that asks to wait (B1)', () => {
  it.each([
    ['seconds', '7', 7000],
    ['no time', '0', 0],
    ['a date', 'Mon, 23 Nov 2026 12:00:20 GMT', 20_000],
    ['a date that has passed', 'Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['the longest wait that is taken', '30', 30_000],
    ['a negative number, so its wait is ours', '-5', 250],
    ['words, so its wait is ours', 'soon', 250],
    ['nothing, so its wait is ours', '', 250],
  ])('gets its wait: %s', async (_, value, wait) => {
    const server = await faultServer([busy(value), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    expect((await client.read(GET)).text).toBe('1')
    expect(slept).toEqual([wait])
    expect(server.done).toEqual(['answered 429', 'answered 200'])
  })

  it.each([
    ['31', 31_000],
    ['1000000000', 86_400_000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 82_800_000],
  ])('for longer than a call may take gets no second request: %s', async (value, wait) => {
    const server = await faultServer([busy(value), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    const got = await client.read(GET)
    expect([got.status, client.waitAsked(got)]).toEqual([429, wait])
    expect(slept).toEqual([])
    expect(server.done).toEqual(['answered 429'])
  })

  it('gets its wait after a 503, too', async () => {
    const server = await faultServer([answer(503, '', { 'retry-after': '2' }), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    expect((await client.read(GET)).status).toBe(200)
    expect(slept).toEqual([2000])
  })

  it('gets no more than five requests, and no more waiting than two minutes in all', async () => {
    const server = await faultServer([busy('30')])
    const { client, slept } = testClient(server.origin)
    expect((await client.read(GET)).status).toBe(429)
    expect(slept).toEqual([30_000, 30_000, 30_000, 30_000])
    expect(server.requests.length).toBe(5)
  })

  it('is not asked again for a write: the journal decides that', async () => {
    const server = await faultServer([busy('1'), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    const got = await client.send(POST)
    expect([got.status, client.waitAsked(got), slept]).toEqual([429, 1000, []])
    expect(server.requests.length).toBe(1)
  })
})

describe('a burst of failures (B2)', () => {
  it.each([408, 429, 500, 502, 503, 504])('is waited out: %s four times', async (status) => {
    const server = await faultServer([...times(4, answer(status)), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    expect((await client.read(GET)).text).toBe('1')
    expect(slept).toEqual([250, 500, 1000, 2000])
    expect(server.done).toEqual([...Array(4).fill(`answered ${status}`), 'answered 200'])
  })

  it('that does not end is handed on with its last answer', async () => {
    const server = await faultServer([...times(4, answer(503, 'early')), answer(500, 'last')])
    const { client } = testClient(server.origin)
    const got = await client.read(GET)
    expect([got.status, got.text]).toEqual([500, 'last'])
    expect(server.requests.length).toBe(5)
  })

  it.each([400, 401, 403, 404, 409])('is not what a refusal is: %s is read once', async (status) => {
    const server = await faultServer([answer(status), answer(200, '1')])
    const { client, slept } = testClient(server.origin)
    expect([(await client.read(GET)).status, slept]).toEqual([status, []])
    expect(server.requests.length).toBe(1)
  })

  it('spreads its waits by chance, from nothing to twice the middle', async () => {
    for (const [dice, waits] of [
      [0, [0, 0, 0, 0]],
      [0.999, [499.5, 999, 1998, 3996]],
    ] as const) {
      const server = await faultServer([answer(503)])
      const { client, slept } = testClient(server.origin, { random: () => dice })
      await client.read(GET)
      expect(slept).toEqual(waits)
    }
  })

  it('ends at once when the caller gives up while it waits', async () => {
    const server = await faultServer([answer(503)])
    const stop = new AbortController()
    const { client } = testClient(server.origin, { sleep: async () => stop.abort() })
    expect(await outcome(client.read(GET, stop.signal))).toBe('stopped, sent: no')
    expect(server.requests.length).toBe(1)
  })
})

describe('Retry-After', () => {
  it.each([
    [undefined, null],
    ['', null],
    [' 3 ', 3000],
    ['1.5', null],
    ['2026', 2_026_000],
    ['2026-11-23T12:00:01Z', null],
    ['Monday, 23-Nov-26 12:00:01 GMT', 1000],
    ['Mon Nov 23 12:00:01 2026', 1000],
    ['Mon, 99 Nov 2026 12:00:01 GMT', null],
    ['9'.repeat(400), 86_400_000],
  ])('%j asks to wait %j ms', (value, wait) => {
    expect(retryAfterMs(value, NOW)).toBe(wait)
  })
})
