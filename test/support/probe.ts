import { Secret } from '../../src/lib/config/secret.ts'
import { type CheckTarget, check } from '../../src/lib/connector/check.ts'
import type { Kind } from '../../src/lib/connector/kind.ts'
import type { CheckReport, Condition, Part, Status } from '../../src/lib/connector/model.ts'
import { DIRECT, Resolver } from '../../src/lib/connector/probe/dial.ts'
import type { SettingsShape } from '../../src/lib/connector/settings.ts'
import { OzgctlError } from '../../src/lib/errors.ts'

const DAY_MS = 86_400_000

interface CheckOptions extends Partial<Omit<CheckTarget, 'kind' | 'settings' | 'url'>> {
  readonly url: string | URL
  /** As they stand in a manifest. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly login?: readonly [id: string, secret: string]
  /** Gets the origins that credentials were asked for. */
  readonly askedFor?: string[]
  readonly now?: Date
  readonly signal?: AbortSignal
  /** Files with secrets. */
  readonly files?: Readonly<Record<string, string>>
}

/** Checks a connector of a kind, with its settings read as from a manifest. */
export async function checkOf<Shape extends SettingsShape>(
  kind: Kind<Shape>,
  { url, settings = {}, login, askedFor, now, signal, files = {}, ...target }: CheckOptions,
): Promise<CheckReport> {
  return check(
    {
      kind: kind as unknown as Kind,
      url: new URL(url),
      settings: settingsOf(kind, settings),
      route: DIRECT,
      hasCredentials: login !== undefined,
      redirects: [],
      thresholds: { warningMs: 30 * DAY_MS, criticalMs: 7 * DAY_MS },
      timeoutMs: 20_000,
      slowMs: undefined,
      severity: 'critical',
      ...target,
    },
    {
      resolver: new Resolver(),
      userAgent: 'ozgctl-test',
      now: () => now ?? new Date(),
      signal,
      privateFile: (path) => {
        const bytes = files[path]
        if (bytes === undefined) throw new OzgctlError('FILE_MISSING', 'there is no such file', { exit: 65 })
        return Buffer.from(bytes)
      },
      credentials: async (to) => {
        askedFor?.push(to.origin)
        if (login === undefined)
          throw new OzgctlError('NOT_LOGGED_IN', 'there are no credentials', { exit: 6 })
        return { clientId: login[0], clientSecret: new Secret(login[1]) }
      },
    },
  )
}

/** The settings of a kind as its checks get them. @throws Error for one that is wrong */
function settingsOf<Shape extends SettingsShape>(
  kind: Kind<Shape>,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(kind.settings).map(([name, setting]) => {
      const reading = setting.read(written[name])
      if (!reading.ok) throw new Error(`${name}: ${reading.message} ${JSON.stringify(reading.at ?? [])}`)
      return [name, reading.value]
    }),
  )
}

/** How a part stands; undefined where there is no verdict about it. */
export const statusOf = (report: CheckReport, part: Part = 'service'): Status | undefined =>
  report.verdicts.find((verdict) => verdict.part === part)?.status

/** The conditions that are not met, as `id: seen`. */
export const unmetOf = (report: CheckReport, part: Part = 'service'): readonly string[] =>
  conditionsOf(report, part)
    .filter(({ met }) => !met)
    .map(({ id, seen }) => `${id}: ${seen}`)

/** All conditions in their order. */
export const conditionsOf = (report: CheckReport, part: Part = 'service'): readonly Condition[] =>
  report.verdicts.find((verdict) => verdict.part === part)?.conditions ?? []
