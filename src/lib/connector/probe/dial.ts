import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { certificateFault } from '../../http/failure.ts'
import type { Phase, Phases, TlsFacts } from '../model.ts'
import { ProbeFailure, probeFailureOf } from './failure.ts'
import { tlsFacts } from './tls-facts.ts'

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
  readonly signal: AbortSignal
  /** Is told of everything that the server shows of itself, before it is judged. */
  readonly onTls: (facts: TlsFacts) => void
  /** Is told which phase begins. */
  readonly onPhase: (phase: Phase) => void
}

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

/** Opens a connection; TLS is set up where the address asks for it. @throws ProbeFailure */
export async function dial(options: DialOptions): Promise<Connection> {
  const { route, host, port } = options
  const { proxy } = route
  const first =
    proxy === undefined
      ? { host, port }
      : { host: bareHost(proxy.url.hostname), port: Number(proxy.url.port || 80) }
  const { socket, phases } = await plainConnection(first.host, first.port, options)
  if (proxy !== undefined && options.tunnel) await tunnelThrough(socket, proxy, options)
  if (!options.secure) return { socket, phases }
  const begun = performance.now()
  const secured = await withTls(socket, options)
  return { socket: secured, phases: { ...phases, tls: performance.now() - begun } }
}

/** Sets up TLS on a connection, also in the middle of a conversation (STARTTLS). @throws ProbeFailure */
export const startTls = (
  socket: Socket,
  options: Pick<DialOptions, 'host' | 'port' | 'route' | 'signal' | 'onTls' | 'onPhase'>,
): Promise<TLSSocket> => withTls(socket, options)

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

/** RFC 9110 §9.3.6. */
async function tunnelThrough(
  socket: Socket,
  proxy: ProxyRoute,
  { host, port, signal }: DialOptions,
): Promise<void> {
  const where = hostAndPort(host, port)
  const request = httpRequest({
    method: 'CONNECT',
    path: where,
    createConnection: () => socket,
    headers: {
      host: where,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  })
  const abort = (): void => void socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      request.once('error', (error) =>
        reject(probeFailureOf(error, 'connect', `the proxy ${proxy.url.host}`)),
      )
      request.once('connect', ({ statusCode = 0 }) => {
        if (statusCode >= 200 && statusCode < 300) resolve()
        else
          reject(
            new ProbeFailure(
              'connect',
              'proxy',
              `the proxy ${proxy.url.host} answered ${statusCode} for ${where}`,
            ),
          )
      })
      request.once('response', ({ statusCode = 0 }) =>
        reject(
          new ProbeFailure(
            'connect',
            'proxy',
            `the proxy ${proxy.url.host} answered ${statusCode} for ${where}`,
          ),
        ),
      )
      request.end()
    })
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function withTls(
  socket: Socket,
  {
    host,
    port,
    route,
    signal,
    onTls,
    onPhase,
  }: Pick<DialOptions, 'host' | 'port' | 'route' | 'signal' | 'onTls' | 'onPhase'>,
): Promise<TLSSocket> {
  const where = hostAndPort(host, port)
  onPhase('tls')
  try {
    const name = route.serverName ?? host
    const secured = connectTls({
      socket,
      ...contextOf(route),
      // Also where it is an address: what the certificate has to name.
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ALPNProtocols: ['http/1.1'],
      // Judged below: what a server shows of itself is told also when it cannot be trusted. Nothing is sent before.
      rejectUnauthorized: false,
    })
    await settled(secured, 'secureConnect', signal)
    const facts = tlsFacts(secured, where)
    onTls(facts)
    if (facts.untrusted === null) return secured
    secured.destroy()
    throw untrusted(facts, where)
  } catch (error) {
    socket.destroy()
    throw probeFailureOf(error, 'tls', where)
  }
}

function untrusted({ untrusted: code, chain, names }: TlsFacts, where: string): ProbeFailure {
  const [leaf] = chain
  const what = certificateFault(code ?? '') ?? `its certificate is not trusted (${code})`
  const shown =
    leaf === undefined
      ? ''
      : ` (for ${names.slice(0, 3).join(', ') || leaf.subject}, by ${leaf.issuer}, ${isoDay(leaf.validFrom)} to ${isoDay(leaf.validTo)})`
  const hint = /unknown authority|self-signed/.test(what)
    ? 'If it is your own authority, name its certificate in tls.ca. Checks are never switched off.'
    : 'The server needs a valid certificate. Checks are never switched off.'
  return new ProbeFailure('tls', 'tls', `${where}: ${what}${shown}`, hint)
}

const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Making one reads all known authorities, which takes longer than a handshake. */
const contexts = new WeakMap<Route, SecureContext>()

/** @throws ProbeFailure for a certificate or key of ours that cannot be used */
function contextOf(route: Route): { readonly secureContext?: SecureContext } {
  const { ca, identity } = route
  if (ca === undefined && identity === undefined) return {}
  const known = contexts.get(route)
  if (known !== undefined) return { secureContext: known }
  const made = createSecureContext({
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(identity === undefined ? {} : identityOptions(identity)),
  })
  contexts.set(route, made)
  return { secureContext: made }
}

function identityOptions(identity: ClientIdentity) {
  const { passphrase } = identity
  const secret = passphrase === undefined ? {} : { passphrase }
  return identity.form === 'pem'
    ? { cert: identity.cert, key: identity.key, ...secret }
    : { pfx: identity.bytes, ...secret }
}

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
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
