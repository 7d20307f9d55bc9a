import { connect, createSecureContext } from 'node:tls'
import pLimit from 'p-limit'
import { Agent, Pool, request } from 'undici'
import { defineConnector, effectiveFor } from '../src/lib/connector/definition.ts'
import type { BoundCheck } from '../src/lib/health/bind.ts'
import { Routes } from '../src/lib/health/route.ts'
import { runChecks } from '../src/lib/health/run.ts'

/** How many of something a second, and how many of them found the target healthy. */
export interface Rate {
  readonly perSecond: number
  readonly healthy: number
}

async function rateOf(count: number, work: () => Promise<number>): Promise<Rate> {
  const begun = performance.now()
  const healthy = await work()
  return { perSecond: count / ((performance.now() - begun) / 1000), healthy }
}

/** Checks bound to addresses, as a manifest would have them. */
export async function boundTo(
  urls: readonly string[],
  written: Readonly<Record<string, unknown>>,
): Promise<readonly BoundCheck[]> {
  const checks: BoundCheck[] = []
  for (const url of urls) {
    const definition = await defineConnector({ ...written, url })
    if (!definition.ok) throw new Error(JSON.stringify(definition.problems))
    const effective = effectiveFor(definition.value, {})
    if (!effective.ok) throw new Error(JSON.stringify(effective.problems))
    checks.push({ definition: definition.value, effective: effective.value, endpoints: [] })
  }
  return checks
}

/** Our own checks, all of them as a command makes them. */
export function runAll(checks: readonly BoundCheck[], concurrency: number) {
  const routes = new Routes({ env: {}, home: '/nonexistent', uid: undefined }, '/')
  const limits = { concurrency, perHost: concurrency, timeoutMs: undefined, deadlineMs: undefined }
  return runChecks(checks, routes, { now: () => new Date() }, limits)
}

export async function ourRate(checks: readonly BoundCheck[], concurrency: number): Promise<Rate> {
  return rateOf(checks.length, async () => {
    const reports = await runAll(checks, concurrency)
    return reports.filter((report) => report?.verdicts[0]?.status === 'ok').length
  })
}

/** Bare requests, each over a connection of its own. */
export async function bareRate(urls: readonly string[], concurrency: number): Promise<Rate> {
  const dispatcher = new Agent({ connections: concurrency, pipelining: 0 })
  const limit = pLimit(concurrency)
  const rate = await rateOf(urls.length, async () => {
    const found = await Promise.all(
      urls.map((url) =>
        limit(async () => {
          const { statusCode, body } = await request(url, { dispatcher, reset: true })
          const { status } = (await body.json()) as { status: string }
          return statusCode === 200 && status === 'UP'
        }),
      ),
    )
    return found.filter((isUp) => isUp).length
  })
  await dispatcher.close()
  return rate
}

/** Debian's blackbox_exporter, asked for each target over connections that are kept. */
export async function blackboxRate(
  exporter: string,
  urls: readonly string[],
  concurrency: number,
): Promise<Rate> {
  const pool = new Pool(exporter, { connections: concurrency })
  const limit = pLimit(concurrency)
  const rate = await rateOf(urls.length, async () => {
    const found = await Promise.all(
      urls.map((url) =>
        limit(async () => {
          const path = `/probe?module=up&target=${encodeURIComponent(url)}`
          const { body } = await pool.request({ method: 'GET', path })
          return /^probe_success 1$/m.test(await body.text())
        }),
      ),
    )
    return found.filter((isUp) => isUp).length
  })
  await pool.close()
  return rate
}

/** Bare handshakes in which the certificate is read. */
export async function bareTlsRate(
  port: number,
  ca: string,
  count: number,
  concurrency: number,
): Promise<Rate> {
  const limit = pLimit(concurrency)
  const secureContext = createSecureContext({ ca })
  const one = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, secureContext })
      socket.once('error', reject)
      socket.once('secureConnect', () => {
        const { valid_to } = socket.getPeerCertificate()
        socket.destroy()
        resolve(socket.authorized && Date.parse(valid_to) > Date.now())
      })
    })
  return rateOf(count, async () => {
    const found = await Promise.all(Array.from({ length: count }, () => limit(one)))
    return found.filter((isValid) => isValid).length
  })
}
