import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bareRate, bareTlsRate, blackboxRate, boundTo, ourRate, type Rate, runAll } from './check-rates.ts'
import { data, measure, newStore } from './ozgctl.ts'
import { type Result, seconds, times } from './results.ts'
import { exists, median } from './timing.ts'

const TARGETS = 10_000
const CONCURRENCY = 50
const TURNS = 5
const HANDSHAKES = 2000
const UP = { kind: 'http', conditions: [{ status: 200 }, { json: 'status', equals: 'UP' }] }

/** Health checks: rates against bare clients and blackbox_exporter, bindings against endpoints, one slow host among many. */
export async function benchHealth(): Promise<readonly Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-bench-'))
  const identity = selfSigned(folder)
  const server = await startServer(identity)
  try {
    return [
      ...(await benchRates(server, folder)),
      await benchTls(server, readFileSync(identity.cert, 'utf8'), identity.cert),
      ...(await benchBindings(server)),
      await benchSlowHost(),
    ]
  } finally {
    server.child.stdin?.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Served {
  readonly child: ChildProcess
  readonly http: number
  readonly tls: number
}

async function startServer({ cert, key }: { cert: string; key: string }): Promise<Served> {
  const script = join(import.meta.dirname, 'peers', 'health-server.ts')
  const child = spawn(process.execPath, [script, cert, key], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, ...(JSON.parse(line) as { http: number; tls: number }) }
}

function selfSigned(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=localhost -addext ${names}`
  execFileSync('openssl', [...args.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { cert, key }
}

async function benchRates({ http }: Served, folder: string): Promise<readonly Result[]> {
  const urls = Array.from({ length: TARGETS }, (_, at) => `http://127.0.0.1:${http}/t/${at}`)
  const checks = await boundTo(urls, UP)
  const exporter = await startBlackbox(folder)
  const rates: Record<'ours' | 'bare' | 'blackbox', number[]> = { ours: [], bare: [], blackbox: [] }
  // The first turn warms up and is not counted.
  for (let turn = 0; turn <= TURNS; turn++) {
    const found = {
      bare: await bareRate(urls, CONCURRENCY),
      ours: await ourRate(checks, CONCURRENCY),
      ...(exporter === undefined ? {} : { blackbox: await blackboxRate(exporter.url, urls, CONCURRENCY) }),
    }
    for (const [name, rate] of Object.entries(found)) {
      refuseUnequal(name, rate, TARGETS)
      if (turn > 0) rates[name as keyof typeof rates].push(rate.perSecond)
    }
  }
  exporter?.child.kill()
  const [ours, bare, blackbox] = [rates.ours, rates.bare, rates.blackbox].map(median) as [
    number,
    number,
    number,
  ]
  return [
    {
      what: `${TARGETS.toLocaleString('en')} HTTP checks, ${CONCURRENCY} at once, against bare undici without keep-alive`,
      ours: perSecond(ours),
      peer: perSecond(bare),
      figure: times(ours / bare),
      limit: '≥ 0.8',
      met: ours / bare >= 0.8,
    },
    {
      what: 'the same against blackbox_exporter',
      ours: perSecond(ours),
      peer: exporter === undefined ? 'not installed' : perSecond(blackbox),
      figure: exporter === undefined ? '' : times(ours / blackbox),
      limit: '> 1',
      met: exporter === undefined ? undefined : ours > blackbox,
    },
  ]
}

/** What is faster because it finds less is not faster. */
function refuseUnequal(name: string, { healthy }: Rate, count: number): void {
  if (healthy !== count) throw new Error(`${name} found ${healthy} of ${count} healthy`)
}

const BLACKBOX = `modules:
  up:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      valid_status_codes: [200]
      fail_if_body_not_matches_regexp: ['"status":"UP"']
`

async function startBlackbox(
  folder: string,
): Promise<{ readonly url: string; readonly child: ChildProcess } | undefined> {
  if (!exists('prometheus-blackbox-exporter')) return undefined
  const config = join(folder, 'blackbox.yml')
  writeFileSync(config, BLACKBOX)
  const port = await freePort()
  const child = spawn(
    'prometheus-blackbox-exporter',
    [
      `--config.file=${config}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
      '--history.limit=1',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error('blackbox_exporter did not start')
    const isUp = await fetch(`${url}/-/healthy`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return { url, child }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function benchTls({ tls }: Served, ca: string, caFile: string): Promise<Result> {
  const urls = Array.from({ length: HANDSHAKES }, () => `tls://127.0.0.1:${tls}`)
  const checks = await boundTo(urls, { kind: 'tls', tls: { ca: caFile } })
  const rates: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] }
  for (let turn = 0; turn <= TURNS; turn++) {
    const bare = await bareTlsRate(tls, ca, HANDSHAKES, CONCURRENCY)
    const ours = await ourRate(checks, CONCURRENCY)
    refuseUnequal('bare', bare, HANDSHAKES)
    refuseUnequal('ours', ours, HANDSHAKES)
    if (turn === 0) continue
    rates.bare.push(bare.perSecond)
    rates.ours.push(ours.perSecond)
  }
  const ratio = median(rates.ours) / median(rates.bare)
  return {
    what: `${HANDSHAKES.toLocaleString('en')} TLS checks against bare tls.connect that reads the certificate`,
    ours: perSecond(median(rates.ours)),
    peer: perSecond(median(rates.bare)),
    figure: times(ratio),
    limit: '≥ 0.8',
    met: ratio >= 0.8,
  }
}

const TENANTS = 11_000
const PER_TENANT = 10
const ENDPOINTS = 2000

/** Ten connectors a tenant, each at one address for all tenants of a group: 110,000 bindings, 2,000 addresses. */
async function benchBindings({ http }: Served): Promise<readonly Result[]> {
  const file = data('bindings.json')
  const groups = ENDPOINTS / PER_TENANT
  const names = Array.from({ length: PER_TENANT }, (_, at) => `connector-${at}`)
  const tenants = Array.from({ length: TENANTS }, (_, at) => ({
    ars: `03459${String(1000 + (at >> 3)).padStart(4, '0')}${String(at % 1000).padStart(3, '0')}`,
    slug: `g${at}`,
    name: `Gruppe-${at % groups}`,
  }))
  const connectors = names.map((name) => ({ ...UP, name, url: `http://127.0.0.1:${http}/${name}/{name}` }))
  const network = { account: 'bund', name: 'Bund', anchor: '03' }
  writeFileSync(file, JSON.stringify({ network, connectors, defaults: { connectors: names }, tenants }))
  const before = await counted(http)
  const run = measure(
    ['health', 'check', '-f', file, '--per-host', '50', '--json', '--out', data('bindings-health.json')],
    newStore('bindings.db'),
  )
  const asked = (await counted(http)) - before
  const { bindings } = JSON.parse(readFileSync(data('bindings-health.json'), 'utf8')) as { bindings: number }
  return [
    {
      what: `checks for ${bindings.toLocaleString('en')} bindings of ${TENANTS.toLocaleString('en')} tenants`,
      ours: `${asked} requests`,
      peer: `${ENDPOINTS} endpoints`,
      figure: seconds(run.seconds),
      limit: `${ENDPOINTS} requests`,
      met: asked === ENDPOINTS && bindings === TENANTS * PER_TENANT,
    },
  ]
}

async function counted(port: number): Promise<number> {
  const { requests } = (await (await fetch(`http://127.0.0.1:${port}/count`)).json()) as { requests: number }
  return requests
}

const HOSTS = 1000
const SLOW_DEADLINE_MS = 2000

/** A thousand hosts of which one says nothing: addresses of the loopback, each with a server of its own. */
async function benchSlowHost(): Promise<Result> {
  const servers: Server[] = []
  const urls: string[] = []
  for (let at = 0; at < HOSTS; at++) {
    const host = `127.0.${1 + (at >> 8)}.${at & 255}`
    const isSlow = at === HOSTS >> 1
    const server = isSlow
      ? createServer((socket) => void socket.on('error', () => undefined))
      : createHttpServer((_request, response) => void response.end('{"status":"UP"}'))
    server.listen(0, host)
    await once(server, 'listening')
    servers.push(server)
    urls.push(`http://${host}:${(server.address() as AddressInfo).port}/`)
  }
  const checks = await boundTo(urls, { ...UP, timeout: `${SLOW_DEADLINE_MS}ms` })
  const begun = performance.now()
  const reports = await runAll(checks, CONCURRENCY)
  const took = performance.now() - begun
  const healthy = reports.filter((report) => report?.verdicts[0]?.status === 'ok').length
  for (const server of servers) server.close()
  if (healthy !== HOSTS - 1) throw new Error(`${healthy} of ${HOSTS} hosts are healthy`)
  return {
    what: `${HOSTS} hosts of which one says nothing until its deadline`,
    ours: seconds(took / 1000),
    peer: `deadline: ${seconds(SLOW_DEADLINE_MS / 1000)}`,
    figure: times(took / SLOW_DEADLINE_MS),
    limit: '≤ 1.1',
    met: took / SLOW_DEADLINE_MS <= 1.1,
  }
}

const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString('en')}/s`
