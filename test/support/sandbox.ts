import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { HttpClient } from '../../src/lib/http/client.ts'
import { LiferayPortal } from '../../src/lib/portal/liferay/driver.ts'
import { LiferaySession } from '../../src/lib/portal/liferay/session.ts'
import type { Layout } from '../../src/lib/portal/liferay/types.ts'
import { parseFault } from '../../src/lib/sandbox/faults.ts'
import { Sandbox, type SandboxOptions } from '../../src/lib/sandbox/server.ts'

/** What a driver needs to know of a portal. */
export interface PortalAddress {
  readonly url: string
  readonly sandbox: Pick<Sandbox, 'clientId' | 'clientSecret'>
}

export interface RunningSandbox extends PortalAddress {
  readonly sandbox: Sandbox
  readonly url: string
  /** Executed requests as `METHOD path`, without tokens. */
  readonly log: string[]
}

/** A sandbox on a free port, stopped with the test. */
export async function startSandbox(
  faults: readonly string[] = [],
  more: Partial<SandboxOptions> = {},
): Promise<RunningSandbox> {
  const log: string[] = []
  const sandbox = new Sandbox({
    port: 0,
    faults: faults.map(parseFault),
    without: [],
    now: () => new Date(),
    onRequest: (phase, method, path) => {
      if (phase === 'done' && path !== '/o/oauth2/token') log.push(`${method} ${decodeURIComponent(path)}`)
      return undefined
    },
    ...more,
  })
  const url = await sandbox.start()
  onTestFinished(() => sandbox.stop())
  return { sandbox, url, log }
}

export interface PortalOptions {
  readonly layout?: Layout
  readonly batchImport?: boolean
  readonly deadlineMs?: number
  readonly clientSecret?: string
}

/** A driver for a running sandbox, closed with the test; waits are not waited for. */
export function liferayPortal(
  { sandbox, url }: PortalAddress,
  { layout = 'organization', batchImport = false, deadlineMs = 5000, clientSecret }: PortalOptions = {},
): LiferayPortal & { readonly slept: readonly number[]; readonly session: LiferaySession } {
  const slept: number[] = []
  const client = new HttpClient({
    origin: new URL(url),
    connections: 16,
    deadlineMs,
    userAgent: 'ozgctl/test',
    now: () => new Date(),
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
    },
    random: () => 0.5,
  })
  const session = new LiferaySession({
    portal: 'sandbox',
    client,
    credentials: async () => ({
      clientId: sandbox.clientId,
      clientSecret: clientSecret ?? sandbox.clientSecret,
    }),
    uptime: () => performance.now(),
    now: () => new Date(),
  })
  const portal = new LiferayPortal({
    session,
    layout,
    batchImport,
    deadlineMs,
    // The sandbox gets on meanwhile.
    sleep: () => setImmediate(),
    regionName: async (ars) => `Region ${ars}`,
    by: 'tester@test',
  })
  onTestFinished(() => portal.close())
  return Object.assign(portal, { slept, session })
}
