import pLimit from 'p-limit'
import { type CheckTarget, type CheckTools, check, faultOf } from '../connector/check.ts'
import type { CheckReport, STATUSES, Status } from '../connector/model.ts'
import { DIRECT, Resolver } from '../connector/probe/dial.ts'
import type { Context } from '../context.ts'
import type { BoundCheck } from './bind.ts'
import type { Routes } from './route.ts'

export interface RunOptions {
  /** Checks at once. */
  readonly concurrency: number
  /** Checks at once of one host and port. */
  readonly perHost: number
  /** A check takes at most so long, whatever its connector says, in milliseconds. */
  readonly timeoutMs: number | undefined
  /** All of them together take at most so long, in milliseconds. */
  readonly deadlineMs: number | undefined
  /** Is told of each check that ended. */
  readonly onDone?: ((done: number) => void) | undefined
  /** Ends everything; what was not its turn stays without a report. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes all checks, each once, and each ends in time.
 * @returns for each check its report, in the same order; null where the time was over before its turn
 */
export async function runChecks(
  checks: readonly BoundCheck[],
  routes: Routes,
  context: Pick<Context, 'now'>,
  options: RunOptions,
): Promise<readonly (CheckReport | null)[]> {
  const over = new AbortController()
  const stop = (): void => over.abort(new DOMException('the time is over', 'TimeoutError'))
  const timer = options.deadlineMs === undefined ? undefined : setTimeout(stop, options.deadlineMs)
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted === true) stop()
  const resolver = new Resolver()
  const together = pLimit(options.concurrency)
  const hosts = new Map<string, ReturnType<typeof pLimit>>()
  let done = 0
  const one = async (bound: BoundCheck): Promise<CheckReport | null> => {
    if (over.signal.aborted) return null
    const report = await oneCheck(bound, routes, {
      now: () => context.now(),
      resolver,
      userAgent: 'ozgctl',
      signal: over.signal,
      timeoutMs: options.timeoutMs,
    })
    options.onDone?.(++done)
    return report
  }
  try {
    return await Promise.all(
      checks.map((bound) => {
        // First in the line of its host: whoever waits there takes no place from the others.
        const { host } = bound.effective.url
        const line = hosts.get(host) ?? pLimit(options.perHost)
        hosts.set(host, line)
        return line(() => together(() => one(bound)))
      }),
    )
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

async function oneCheck(
  { definition, effective }: BoundCheck,
  routes: Routes,
  tools: Omit<CheckTools, 'credentials' | 'privateFile' | 'signal'> & {
    readonly signal: AbortSignal
    readonly timeoutMs: number | undefined
  },
): Promise<CheckReport> {
  try {
    const { url, common, settings } = effective
    const target: CheckTarget = {
      kind: definition.kind,
      url,
      settings,
      route: DIRECT,
      hasCredentials: common.credentials !== undefined,
      redirects: common.redirects,
      thresholds: common.certificate,
      timeoutMs: Math.min(common.timeout, tools.timeoutMs ?? common.timeout),
      slowMs: common.slow,
      severity: common.severity,
    }
    const credentials = (to: URL) => routes.login(common.credentials ?? '', to, common.proxy, tools.signal)
    const privateFile = (path: string) => routes.privateFile(path)
    return await check(
      { ...target, route: await routes.route(common, url, tools.signal) },
      { ...tools, credentials, privateFile },
    )
  } catch (error) {
    // Whatever happens to one of them is no reason to say nothing of the others.
    return unusable(error, tools.now(), tools.signal.aborted)
  }
}

/** Files or secrets of ours are missing, or did not come in time: nothing can be said of the other side. */
function unusable(error: unknown, now: Date, isCut: boolean): CheckReport {
  const summary = faultOf(error)
  return {
    verdicts: [{ part: 'service', status: 'unknown', conditions: [], summary, isCut }],
    exchanges: [],
    tls: [],
    startedAt: now.getTime(),
    durationMs: 0,
  }
}

/**
 * The worst of several: critical before unknown, for one that is surely broken says more than one that nobody knows
 * anything of.
 */
export function worstOf(statuses: readonly Status[]): Status {
  // Nothing was asked, and so nothing is known.
  if (statuses.length === 0) return 'unknown'
  return ORDER.find((status) => statuses.includes(status)) ?? 'ok'
}

const ORDER = ['critical', 'unknown', 'warning', 'ok'] as const satisfies readonly (typeof STATUSES)[number][]
