import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { writeFileAtomically } from '../../src/lib/output/atomic-file.ts'
import { healthPrometheus } from '../../src/lib/view/health-prometheus.ts'
import { neutralTerminal } from '../../src/lib/view/neutral.ts'
import { temporaryFolder } from '../support/folder.ts'
import { conditionOf, EVIL, exchangeOf, healthOf, resultOf, tlsOf } from '../support/health.ts'

const PROGRAMS = ['prometheus', 'prometheus-node-exporter']
const hasPrograms = PROGRAMS.every((name) => spawnSync(name, ['--version']).status === 0)

/** Starts a program on a free port of this machine. @returns host and port, once it says that it listens */
async function listening(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => ended(child))
  let log = ''
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`${program} ended with ${code}: ${log}`)))
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      log += part
      const address = /msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(log)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [number, string]
    }[]
  }
}

/** Asks until Prometheus has scraped what is asked for, 150 times at most. */
async function query(address: string, expression: string): Promise<Answer['data']['result']> {
  for (let round = 0; round < 150; round++) {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`)
    if (response.ok) {
      const { data } = (await response.json()) as Answer
      if (data.result.length > 0) return data.result
    }
    await pause(200)
  }
  throw new Error(`Prometheus has nothing for ${expression}`)
}

const result = resultOf(
  healthOf({
    connector: 'dms',
    service: 'critical',
    certificate: 'warning',
    tenants: 12,
    conditions: [conditionOf({ met: false })],
    exchanges: [exchangeOf()],
    tls: [tlsOf('dms.example.de:443', 20, 500)],
  }),
  healthOf({ connector: 'late', isNotAsked: true }),
  healthOf({ connector: 'evil', url: EVIL, summary: EVIL }),
)

test.skipIf(!hasPrograms)(
  'Prometheus has what the textfile collector of node_exporter reads (needs prometheus and prometheus-node-exporter)',
  async () => {
    const folder = temporaryFolder()
    writeFileAtomically(join(folder, 'ozgctl.prom'), healthPrometheus(result))
    const exporter = await listening('prometheus-node-exporter', [
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ])
    const config = join(folder, 'prometheus.yml')
    writeFileSync(
      config,
      `scrape_configs: [{job_name: node, scrape_interval: 1s, static_configs: [{targets: ['${exporter}']}]}]`,
    )
    const prometheus = await listening('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
    ])

    const [down, ...others] = await query(prometheus, 'ozgctl_connector_up == 0')
    expect(others).toEqual([])
    expect(down?.metric).toMatchObject({ connector: 'dms', endpoint: 'dms-1', system: 'enaio', kind: 'http' })
    const [days] = await query(
      prometheus,
      `(ozgctl_connector_certificate_expiry_timestamp_seconds{certificate="leaf"} - ignoring(certificate, server)
        ozgctl_connector_last_check_timestamp_seconds) / 86400`,
    )
    expect(days?.value[1]).toBe('20')
    const [unknown] = await query(prometheus, 'ozgctl_connector_status{status="unknown"} == 1')
    expect(unknown?.metric.connector).toBe('late')
    const [evil] = await query(prometheus, 'ozgctl_connector_up{connector="evil"}')
    expect(evil?.metric.url).toBe(neutralTerminal(EVIL.toWellFormed()))
    const [faults] = await query(prometheus, 'node_textfile_scrape_error')
    expect(faults?.value[1]).toBe('0')
  },
)
