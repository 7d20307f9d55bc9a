import type { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls'
import { certificateFault } from '../../http/failure.ts'
import type { Phase, Phases, TlsFacts } from '../model.ts'
import { ProbeFailure, probeFailureOf } from './failure.ts'
import { contextOf, contextOnly } from './identity.ts'
import { tlsFacts } from './tls-facts.ts'
import { failed, tunnelThrough } from './tunnel.ts'

/** How the server of a connector is reached and trusted, with the bytes of all files. */
export interface Route {
  /** Authorities to trust besides the known ones, PEM. */
  readonly ca: string | undefined
  /** Certificate of the client with its key. */
  readonly identity: ClientIdentity | undefined
  /** Name to ask for and to find in the certificate, where it is not the host of the address. */
  readonly serverName: string | undefined
  readonly proxy: ProxyRoute | undefined
}

export type ClientIdentity =
  | {
      readonly form: 'pem'
      readonly cert: string
      readonly key: string
      readonly passphrase: string | undefined
    }
  | { readonly form: 'pkcs12'; readonly bytes: Buffer; readonly passphrase: string | undefined }

export interface ProxyRoute {
  readonly url: URL
  /** Value of `Proxy-Authorization`. */
  readonly authorization: string | undefined
}

export const DIRECT: Route = { ca: undefined, identity: undefined, serverName: undefined, proxy: undefined }

/** A connection, and what it took to make it. */
export interface Connection {
  readonly socket: Socket
  readonly phases: Phases
}

export interface DialOptions {
  readonly host: string
  readonly port: number
  readonly route: Route
  readonly secure: boolean
  /** Whether a proxy hands the connection through, or is spoken to itself (plain HTTP). */
  readonly tunnel: boolean
  readonly resolver: Resolver
  /** Protocols to choose from (RFC 7301); a server may close where it finds none that it knows. */
  readonly alpn?: readonly string[] | undefined
  readonly signal: AbortSignal
  /** Is told of everything that the server shows of itself, before it is judged. */
  readonly onTls: (facts: TlsFacts, leaf: X509Certificate | undefined) => void
  /** Is told of the certificate that is shown to the server, before it is. */
  readonly onIdentity: (certificate: X509Certificate) => void
  /** Is told which phase begins. */
  readonly onPhase: (phase: Phase) => void
}

type TlsOptions = Pick<
  DialOptions,
  'host' | 'port' | 'route' | 'alpn' | 'signal' | 'onTls' | 'onIdentity' | 'onPhase'
>

/** Names of hosts, each asked for once in the run of a command: hundreds of connectors share some of them. */
export class Resolver {
  readonly #answers = new Map<string, Promise<readonly HostAddress[]>>()

  resolve(host: string): Promise<readonly HostAddress[]> {
    const known = this.#answers.get(host)
    if (known !== undefined) return known
    const answer = lookup(host, { all: true })
    // Whoever waits for it gets the error; nobody may be waiting any more.
    answer.catch(() => undefined)
    this.#answers.set(host, answer)
    return answer
  }
}

interface HostAddress {
  readonly address: string
  readonly family: number
}

/**
 * Opens a connection; TLS is set up where the address asks for it.
 * @throws ProbeFailure
 * @throws OzgctlError for a certificate of ours that cannot be used; nothing was sent then
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const { route, host, port } = options
  const { proxy } = route
  if (options.secure) contextOf(route)
  if (proxy === undefined) return secured(await plainConnection(host, port, options), options)
  const made = await proxyConnection(proxy, options)
  if (options.tunnel) await tunnelThrough(made.socket, proxy, hostAndPort(host, port), options.signal)
  return secured(made, options)
}

async function secured(made: Connection, options: DialOptions): Promise<Connection> {
  if (!options.secure) return made
  const begun = performance.now()
  const socket = await withTls(made.socket, options)
  return { socket, phases: { ...made.phases, tls: performance.now() - begun } }
}

async function proxyConnection(proxy: ProxyRoute, options: DialOptions): Promise<Connection> {
  const { hostname, port } = proxy.url
  try {
    return await plainConnection(bareHost(hostname), Number(port || 80), options)
  } catch (error) {
    throw options.signal.aborted ? error : failed(error, proxy)
  }
}

/**
 * Sets up TLS on a connection, also in the middle of a conversation (STARTTLS).
 * @param only the one version to try, with whatever is possible in it
 * @throws ProbeFailure
 */
export const startTls = (socket: Socket, options: TlsOptions, only?: SecureVersion): Promise<TLSSocket> =>
  withTls(socket, options, only)

async function plainConnection(host: string, port: number, options: DialOptions): Promise<Connection> {
  const where = hostAndPort(host, port)
  const begun = performance.now()
  let phase: Phase = 'resolve'
  options.onPhase(phase)
  try {
    const isAddress = isIP(host) !== 0
    const addresses = isAddress ? [] : await orAborted(options.resolver.resolve(host), options.signal)
    const resolved = performance.now()
    phase = 'connect'
    options.onPhase(phase)
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      // The addresses that were found, and no second answer of the name server.
      ...(isAddress ? {} : { lookup: (_host, _options, found) => found(null, [...addresses]) }),
    })
    await settled(socket, 'connect', options.signal)
    return {
      socket,
      phases: { resolve: isAddress ? 0 : resolved - begun, connect: performance.now() - resolved },
    }
  } catch (error) {
    throw probeFailureOf(error, phase, where)
  }
}

async function withTls(socket: Socket, options: TlsOptions, only?: SecureVersion): Promise<TLSSocket> {
  const { host, port, route, alpn, signal, onTls, onPhase } = options
  const where = hostAndPort(host, port)
  const secureContext = only === undefined ? contextOf(route) : contextOnly(only)
  onPhase('tls')
  try {
    const name = route.serverName ?? host
    const secured = connectTls({
      socket,
      ...(secureContext === undefined ? {} : { secureContext }),
      // Also where it is an address: what the certificate has to name.
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      // Judged below: what a server shows of itself is told also when it cannot be trusted. Nothing is sent before.
      rejectUnauthorized: false,
    })
    if (route.identity !== undefined) {
      const own = secured.getX509Certificate()
      if (own !== undefined) options.onIdentity(own)
    }
    await settled(secured, 'secureConnect', signal)
    if (only !== undefined) return secured
    // Node gives it out only once.
    const leaf = secured.getPeerX509Certificate()
    const facts = tlsFacts(secured, where, leaf)
    onTls(facts, leaf)
    if (facts.untrusted === null) return secured
    secured.destroy()
    throw untrusted(facts, where)
  } catch (error) {
    socket.destroy()
    throw probeFailureOf(error, 'tls', where)
  }
}

function untrusted(facts: TlsFacts, where: string): ProbeFailure {
  const { untrusted: code, chain, names, key } = facts
  const [leaf] = chain
  const what = certificateFault(code ?? '') ?? vague(code, key)
  const shown =
    leaf === undefined
      ? ''
      : ` (for ${names.slice(0, 3).join(', ') || leaf.subject}, by ${leaf.issuer}, ${isoDay(leaf.validFrom)} to ${isoDay(leaf.validTo)})`
  const hint = /unknown authority|self-signed/.test(what)
    ? 'If it is your own authority, name its certificate in tls.ca. Checks are never switched off.'
    : 'The server needs a valid certificate. Checks are never switched off.'
  return new ProbeFailure('tls', 'tls', `${where}: ${what}${shown}`, hint)
}

/** OpenSSL has no name in Node for a key or a digest below its level of security. */
const vague = (code: string | null, key: string): string =>
  code === 'UNSPECIFIED'
    ? `its certificate is not trusted; its key (${key}) or a signature in its chain may be too weak`
    : `its certificate is not trusted (${code})`

const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Waits for an event of a socket, or for its end. */
function settled(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy()
      done(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
    }
    const closed = (): void =>
      done(Object.assign(new Error('closed before it was ready'), { code: 'ECONNRESET' }))
    const done = (error?: Error): void => {
      signal.removeEventListener('abort', abort)
      socket.off('close', closed)
      socket.off('error', done)
      socket.off(event, done)
      // From here on nobody may be listening, and an error without a listener ends the process.
      socket.on('error', () => undefined)
      if (error instanceof Error) reject(error)
      else resolve()
    }
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.once('close', closed)
    socket.once('error', done)
    socket.once(event, () => done())
  })
}

/** A promise that nothing can stop, given up when the signal says so. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

export const bareHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

export const hostAndPort = (host: string, port: number): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
