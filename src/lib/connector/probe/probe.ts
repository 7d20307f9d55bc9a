import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { SecureVersion, TLSSocket } from 'node:tls'
import { basicLogin } from '../../config/secret.ts'
import { ranOut } from '../../http/deadline.ts'
import type { Condition, Exchange, ExpiryThresholds, Part, Phase, TlsFacts } from '../model.ts'
import { bareHost, dial, hostAndPort, type Route, startTls } from './dial.ts'
import { exchange, type HttpAsk, type HttpReply } from './exchange.ts'
import { ProbeFailure, probeFailureOf, Unmet, withGuess } from './failure.ts'
import { ExchangeRecord, shown } from './record.ts'
import type { Expectation, Login, ProbeTarget, ProbeTools } from './target.ts'
import { unauthorised } from './tunnel.ts'

const MAX_REDIRECTS = 5
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'tls:': 443,
  'sftp:': 22,
  'smtp:': 25,
  'smtps:': 465,
}

/** The hands and the notebook of one check: everything that goes over the network goes through here and is recorded. */
export class Probe {
  readonly url: URL
  readonly now: Date
  readonly exchanges: Exchange[] = []
  readonly tls: TlsFacts[] = []
  /** Certificates of the servers in `tls`, in the same order. */
  readonly leaves: (X509Certificate | undefined)[] = []
  /** Our own that was shown to a server. */
  identity: X509Certificate | undefined
  readonly #target: ProbeTarget
  readonly #tools: ProbeTools
  readonly #conditions: Record<Part, Condition[]> = { service: [], certificate: [] }

  constructor(target: ProbeTarget, tools: ProbeTools) {
    this.url = target.url
    this.now = tools.now
    this.#target = target
    this.#tools = tools
  }

  get thresholds(): ExpiryThresholds {
    return this.#target.thresholds
  }

  get hasCredentials(): boolean {
    return this.#target.hasCredentials
  }

  get signal(): AbortSignal {
    return this.#tools.signal
  }

  conditions(part: Part): readonly Condition[] {
    return this.#conditions[part]
  }

  /** Records a condition. @returns whether it is met */
  expect(id: string, expectation: Expectation): boolean {
    const { met, severity = 'critical', part = 'service', hint } = expectation
    const [expected, seen] = [shown(expectation.expected), shown(expectation.seen)]
    this.#conditions[part].push({
      id,
      met,
      severity,
      expected,
      seen,
      ...(met || hint === undefined ? {} : { hint }),
    })
    return met
  }

  /** The same, where nothing can be said about the rest when it is not met. @throws Unmet */
  require(id: string, expectation: Expectation): void {
    if (!this.expect(id, expectation)) throw new Unmet(id)
  }

  /** An address below that of the connector: `dms` after `https://host/base/` or `https://host/base`. */
  below(path: string): URL {
    const base = new URL(this.url)
    base.search = ''
    if (!base.pathname.endsWith('/')) base.pathname += '/'
    return new URL(path.replace(/^\//, ''), base)
  }

  /**
   * Name and secret of the connector.
   * @param url they will be sent to; that of the connector where nothing is said
   * @throws OzgctlError where there are none, or where they may not be sent there
   */
  async credentials(url = this.url): Promise<Login> {
    return this.#tools.credentials(url)
  }

  /** A file with a secret of ours. @throws OzgctlError where it is missing, or readable by others */
  privateFile(path: string): Buffer {
    return this.#tools.privateFile(path)
  }

  /** Header for HTTP Basic (RFC 7617) where the connector has credentials; nothing where it has none. */
  async basic(): Promise<Readonly<Record<string, string>>> {
    if (!this.hasCredentials) return {}
    const { clientId, clientSecret } = await this.credentials()
    return { authorization: basicLogin(clientId, clientSecret.reveal()) }
  }

  /**
   * A request and its whole answer. Redirects of a GET are followed to the same host and to those that the connector
   * names, without the headers that were given: credentials never go along.
   * @param name what it is for
   * @throws ProbeFailure
   */
  async http(name: string, ask: HttpAsk): Promise<HttpReply> {
    let { url } = ask
    // What was resolved for the connector goes to nobody else, whatever a document or a setting points to.
    const own = url.origin === this.url.origin ? ask : { ...ask, headers: withoutLogin(ask.headers) }
    for (let hops = 0; ; hops++) {
      const next = hops === 0 ? own : { ...ask, url, headers: acceptOnly(ask.headers) }
      const reply = await this.#one(hops === 0 ? name : `${name}-redirect`, next)
      const { location } = reply.headers
      const isRedirect = [301, 302, 303, 307, 308].includes(reply.status)
      if (!isRedirect || location === undefined || (ask.method ?? 'GET') !== 'GET') return reply
      url = this.#redirected(url, location, hops)
    }
  }

  #redirected(from: URL, location: string, hops: number): URL {
    const refuse = (what: string, hint?: string): never => {
      throw new ProbeFailure('body', 'redirect', shown(`${from.host} redirects ${what}`), hint)
    }
    const to = URL.parse(location, from.href)
    if (to === null) return refuse(`to ${JSON.stringify(location)}, which is no address`)
    if (hops >= MAX_REDIRECTS) return refuse(`again and again, lately to ${to.origin}${to.pathname}`)
    if (to.protocol !== 'https:' && to.protocol !== 'http:')
      return refuse(`to ${to.protocol} and not to the web`)
    if (from.protocol === 'https:' && to.protocol === 'http:')
      return refuse(`to ${to.origin}, without encryption`)
    const isAllowed = to.hostname === this.url.hostname || this.#target.redirects.includes(to.hostname)
    if (!isAllowed || to.username !== '' || to.password !== '')
      return refuse(
        `to ${to.origin}`,
        `If that is right, write the new address into url, or allow it: redirects: [${to.hostname}]`,
      )
    return to
  }

  async #one(name: string, ask: HttpAsk): Promise<HttpReply> {
    const { url } = ask
    const record = this.#record(name, `${url.origin}${url.pathname}`)
    const secure = url.protocol === 'https:'
    const { proxy } = this.#target.route
    try {
      const connection = await this.#dial(url, secure, secure, record, portOf(url), ['http/1.1'])
      record.add(connection.phases)
      const absolute = proxy !== undefined && !secure
      const { reply, phases } = await exchange(
        absolute && proxy.authorization !== undefined
          ? { ...ask, headers: { ...ask.headers, 'proxy-authorization': proxy.authorization } }
          : ask,
        {
          socket: connection.socket,
          userAgent: this.#tools.userAgent,
          signal: this.signal,
          absolute,
          onPhase: record.phase,
        },
      )
      record.add(phases)
      record.answered(reply)
      if (absolute && reply.status === 407) throw unauthorised(proxy)
      return reply
    } catch (error) {
      throw record.failed(this.#ended(error, record.current, url.host, secure))
    } finally {
      this.exchanges.push(record.done())
    }
  }

  /**
   * A conversation of another protocol over a connection.
   * @param secure whether TLS comes first; `starttls` later in the conversation is `upgrade`
   * @param talk the signal ends it: what it waits for then fails by itself, for the socket is destroyed
   * @throws ProbeFailure
   */
  async talk<T>(name: string, secure: boolean, talk: (line: Line) => Promise<T>, port?: number): Promise<T> {
    const { url } = this
    const to = port ?? portOf(url)
    const target = hostAndPort(bareHost(url.hostname), to)
    const record = this.#record(name, target)
    let socket: Socket | undefined
    let isSecure = secure
    const abort = (): void => void socket?.destroy()
    this.signal.addEventListener('abort', abort, { once: true })
    try {
      const connection = await this.#dial(url, secure, true, record, to)
      socket = connection.socket
      record.add(connection.phases)
      record.phase('body')
      let begun = performance.now()
      const upgrade = async (only?: SecureVersion): Promise<TLSSocket> => {
        const plain = socket as Socket
        const from = performance.now()
        const secured = await startTls(plain, this.#tlsOptions(url, record, to), only)
        const tls = performance.now() - from
        socket = secured
        isSecure = true
        record.add({ tls })
        begun += tls
        record.phase('body')
        return secured
      }
      const result = await talk({ socket, where: target, upgrade })
      record.add({ body: performance.now() - begun })
      return result
    } catch (error) {
      throw record.failed(this.#ended(error, record.current, target, isSecure))
    } finally {
      this.signal.removeEventListener('abort', abort)
      socket?.destroy()
      this.exchanges.push(record.done())
    }
  }

  #dial(
    url: URL,
    secure: boolean,
    tunnel: boolean,
    record: ExchangeRecord,
    port: number,
    alpn?: readonly string[],
  ) {
    return dial({
      ...this.#tlsOptions(url, record, port),
      secure,
      tunnel,
      alpn,
      resolver: this.#tools.resolver,
    })
  }

  #tlsOptions(url: URL, record: ExchangeRecord, port: number) {
    return {
      host: bareHost(url.hostname),
      port,
      // Name and identity belong to the server of the connector, and not to those that it points to.
      route: url.hostname === this.url.hostname ? this.#target.route : this.#elsewhere(),
      signal: this.signal,
      onTls: (facts: TlsFacts, leaf: X509Certificate | undefined) => {
        if (this.tls.some(({ server }) => server === facts.server)) return
        this.tls.push(facts)
        this.leaves.push(leaf)
      },
      onIdentity: (certificate: X509Certificate) => {
        this.identity = certificate
      },
      onPhase: record.phase,
    }
  }

  #foreign: Route | undefined

  #elsewhere(): Route {
    this.#foreign ??= { ...this.#target.route, serverName: undefined, identity: undefined }
    return this.#foreign
  }

  /** What the deadline cut off has no cause but the deadline, be it that of this check or that of all together. */
  #ended(error: unknown, phase: Phase, where: string, secure: boolean): unknown {
    if (this.signal.aborted)
      return ranOut(this.signal)
        ? new ProbeFailure(phase, 'timeout', `${where} gave no whole answer in time`)
        : new ProbeFailure(phase, 'cut', `${where} had no time left to answer`)
    if (error instanceof ProbeFailure) return withGuess(error, secure)
    return isOfNetwork(error) ? withGuess(probeFailureOf(error, phase, where), secure) : error
  }

  #record(name: string, target: string): ExchangeRecord {
    return new ExchangeRecord(name, target)
  }
}

/** What goes along with a redirect: what is wanted, and nothing of who asks. */
const acceptOnly = ({ accept }: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  accept === undefined ? {} : { accept }

const withoutLogin = (headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))

/** A connection in a conversation. */
export interface Line {
  readonly socket: Socket
  /** Host and port of the other side, for messages. */
  readonly where: string
  /**
   * Sets up TLS on it, as STARTTLS asks for it; from then on only what it returns is spoken to.
   * @param only tries just this version, trusts whoever answers and records nothing: nothing may be said over it
   */
  readonly upgrade: (only?: SecureVersion) => Promise<TLSSocket>
}

const isOfNetwork = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && !('exit' in error)

/** The port of an address, also where it is the usual one of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return DEFAULT_PORTS[url.protocol] ?? 0
}
