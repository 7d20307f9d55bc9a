import { basicLogin, bearerLogin } from '../config/secret.ts'
import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { bindConnectors } from '../health/bind.ts'
import { Routes } from '../health/route.ts'
import { runChecks } from '../health/run.ts'
import { HttpClient } from '../http/client.ts'
import { readSmallFile } from '../input/reader.ts'
import type { Tenant } from '../portal/model.ts'
import type { Store } from '../store/sqlite.ts'
import { ConnectorBinder } from '../tenant/bound-connectors.ts'
import type { Manifest } from '../tenant/manifest.ts'
import { type Former, type Formers, readFormers } from './formers.ts'
import { pathInside } from './paths.ts'
import type { RecordClient } from './records/client.ts'

/** How a server is told who asks. `bearer` sends the secret of the profile as a token, RFC 6750. */
export const LOGINS = ['basic', 'bearer'] as const
export type LoginForm = (typeof LOGINS)[number]

/** Where to, and as whom. */
export interface Access {
  readonly url: URL
  /** Profile whose credentials are for this server. */
  readonly credentials?: string | undefined
  readonly login?: LoginForm | undefined
  /** File with authorities to trust. */
  readonly ca?: string | undefined
}

/** What a connector of a tenant said when it was asked. */
export interface ConnectorState {
  readonly connector: string
  readonly isHealthy: boolean
  readonly summary: string
}

const REQUEST_DEADLINE_MS = 20_000
const CONNECTIONS = 32
const CHECK_MS = 20_000

/** Everything around the steps of one migration: made once for a process, closed at its end. */
export class Work {
  readonly context: Context
  readonly store: Store
  /** Number of the run; undefined for a plan. */
  readonly run: number | undefined
  readonly manifest: Manifest | undefined
  /** Whether records may come twice to a target that knows none again. */
  readonly atLeastOnce: boolean
  readonly #folder: string
  readonly #data: readonly string[]
  readonly #deadlineMs: number
  readonly #routes: Routes
  readonly #binder: ConnectorBinder | undefined
  readonly #clients = new Map<string, HttpClient>()
  #formers: Promise<Formers> | undefined
  /** Answers to a gate that several tenants ask the same of at the same time. */
  readonly #states = new Map<string, Promise<readonly ConnectorState[]>>()

  /** @param folder of the migration's file @param data folders that the operator allowed besides */
  constructor(place: {
    readonly context: Context
    readonly store: Store
    readonly run: number | undefined
    readonly manifest: Manifest | undefined
    readonly folder: string
    readonly data: readonly string[]
    readonly atLeastOnce?: boolean | undefined
    readonly deadlineMs?: number | undefined
  }) {
    this.context = place.context
    this.store = place.store
    this.run = place.run
    this.manifest = place.manifest
    this.atLeastOnce = place.atLeastOnce ?? false
    this.#folder = place.folder
    this.#data = place.data
    this.#deadlineMs = place.deadlineMs ?? REQUEST_DEADLINE_MS
    this.#routes = new Routes(place.context, place.folder)
    this.#binder = place.manifest === undefined ? undefined : new ConnectorBinder(place.manifest)
  }

  /** Connectors that the manifest declares; undefined where there is no manifest. */
  async declared(): Promise<ReadonlySet<string> | undefined> {
    return this.manifest === undefined ? undefined : new Set(this.manifest.connectors.declared.keys())
  }

  /** Connectors of a tenant, see `ConnectorBinder`; none without a manifest. */
  async connectorsOf(tenant: Tenant) {
    return this.#binder === undefined ? new Map() : this.#binder.of(tenant)
  }

  /** A path that the migration names. @throws OzgctlError 65 PATH_OUTSIDE */
  path(path: string): string {
    return pathInside(path, this.#folder, this.#data)
  }

  /**
   * A server, with connections that are shared by all who speak to it.
   * @throws OzgctlError 6 without credentials for it, or with credentials for another
   */
  async client({ url, credentials, login = 'basic', ca }: Access): Promise<RecordClient> {
    const file = ca === undefined ? undefined : this.path(ca)
    const key = `${url.origin}\n${file ?? ''}`
    const http = this.#clients.get(key) ?? this.#opened(url, file)
    this.#clients.set(key, http)
    if (credentials === undefined) return { http, url, headers: {} }
    const { clientId, clientSecret } = await this.#routes.login(credentials, url)
    const secret = clientSecret.reveal()
    const authorization = login === 'basic' ? basicLogin(clientId, secret) : bearerLogin(secret)
    return { http, url, headers: { authorization } }
  }

  /**
   * Asks connectors of tenants, each address once.
   * @param names only these; all where there is none
   */
  async states(tenants: readonly Tenant[], names: readonly string[], signal: AbortSignal) {
    if (this.manifest === undefined) return []
    const manifest = { ...this.manifest, tenants: await this.#asInPortal(tenants) }
    const { bindings, problems } = bindConnectors(manifest, { connectors: names, isSelected: () => true })
    const reports = await runChecks(bindings.checks, this.#routes, this.context, {
      concurrency: CONNECTIONS,
      perHost: 4,
      timeoutMs: CHECK_MS,
      deadlineMs: undefined,
      signal,
    })
    const states = bindings.checks.flatMap(({ endpoints }, at) =>
      endpoints.map(({ connector }): ConnectorState => {
        const service = reports[at]?.verdicts.find(({ part }) => part === 'service')
        return {
          connector,
          isHealthy: service?.status === 'ok' || service?.status === 'warning',
          summary: service?.summary ?? 'was not asked',
        }
      }),
    )
    return [
      ...states,
      ...problems.map(({ path, message }) => ({ connector: path, isHealthy: false, summary: message })),
    ]
  }

  /** The same for one tenant; of several that wait for the same answer one asks. */
  statesOf(tenant: Tenant, names: readonly string[], signal: AbortSignal) {
    const key = JSON.stringify([tenant, names])
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const asked = this.states([tenant], names, signal).finally(() => this.#states.delete(key))
    this.#states.set(key, asked)
    return asked
  }

  /** What former runs began of an item of this run, see `readFormers`; nothing for a plan. */
  async formers(ordinal: number): Promise<readonly Former[]> {
    if (this.run === undefined) return []
    this.#formers ??= readFormers(this.store, this.run)
    return (await this.#formers).get(ordinal) ?? []
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()))
  }

  async #asInPortal(tenants: readonly Tenant[]): Promise<Manifest['tenants']> {
    return Promise.all(
      tenants.map(async (tenant) => ({
        tenant,
        ownConnectors: new Map(
          [...(await this.connectorsOf(tenant))].filter(
            ([name]) => tenant.connectorSettings?.[name] !== undefined,
          ),
        ),
        marks: [],
      })),
    )
  }

  #opened(url: URL, caFile: string | undefined): HttpClient {
    const { now, sleep, random } = this.context
    return new HttpClient({
      origin: url,
      connections: CONNECTIONS,
      deadlineMs: this.#deadlineMs,
      ca: caFile === undefined ? undefined : readSmallFile(caFile),
      userAgent: 'ozgctl',
      beforeChange: () => this.store.db.requireInPlace(),
      now,
      sleep,
      random,
    })
  }
}

/** An outage, which may end; anything else concerns all tenants. */
export const isOutage = (error: unknown): error is OzgctlError =>
  error instanceof OzgctlError && error.exit === EXIT.unavailable
