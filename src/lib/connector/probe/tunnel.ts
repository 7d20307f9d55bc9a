import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ProxyRoute } from './dial.ts'
import { ProbeFailure, probeFailureOf } from './failure.ts'

const MAX_HEADER_BYTES = 16 << 10

/**
 * Has a proxy pass a connection on (RFC 9110 §9.3.6). What the other side has already said stays in the socket.
 * @param where host and port of the other side
 * @throws ProbeFailure
 */
export async function tunnelThrough(
  socket: Socket,
  proxy: ProxyRoute,
  where: string,
  signal: AbortSignal,
): Promise<void> {
  const request = httpRequest({
    method: 'CONNECT',
    path: where,
    createConnection: () => socket,
    maxHeaderSize: MAX_HEADER_BYTES,
    setDefaultHeaders: false,
    headers: {
      host: where,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  })
  const abort = (): void => void socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const rest = await new Promise<Buffer>((resolve, reject) => {
      request.on('error', (error) => reject(failed(error, proxy)))
      request.once('connect', (response, _socket, head) => {
        const refused = refusal(response, proxy, where)
        if (refused === undefined) resolve(head)
        else reject(refused)
      })
      // Of a method other than CONNECT, or so Node takes it.
      request.once('response', (response) => reject(refusal(response, proxy, where) ?? strange(proxy)))
      request.end()
    })
    if (rest.length > 0) socket.unshift(rest)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** A proxy that cannot be spoken with. */
export function failed(error: unknown, { url }: ProxyRoute): ProbeFailure {
  const { message, fault } = probeFailureOf(error, 'connect', url.host)
  const what = fault === 'protocol' ? `${url.host} does not answer as a proxy does` : message
  return new ProbeFailure('connect', 'proxy', `the proxy: ${what}`)
}

function refusal(
  { statusCode = 0, headers }: IncomingMessage,
  proxy: ProxyRoute,
  where: string,
): ProbeFailure | undefined {
  if (statusCode === 407) return unauthorised(proxy)
  const answered = `the proxy ${proxy.url.host} answered ${statusCode}`
  if (statusCode < 200 || statusCode > 299)
    return new ProbeFailure('connect', 'proxy', `${answered} for ${where}`)
  // A tunnel has no content: this is a page, e.g. that of a log-in.
  if (headers['content-type'] === undefined) return undefined
  return new ProbeFailure('connect', 'proxy', `${answered} with a page instead of a connection to ${where}`)
}

const strange = ({ url }: ProxyRoute): ProbeFailure =>
  new ProbeFailure('connect', 'proxy', `the proxy ${url.host} does not pass connections on`)

/** RFC 9110 §15.5.8. */
export const unauthorised = ({ url, authorization }: ProxyRoute): ProbeFailure =>
  new ProbeFailure(
    'connect',
    'proxy',
    `the proxy ${url.host} ${authorization === undefined ? 'wants credentials' : 'does not accept the credentials'} (407)`,
    authorization === undefined
      ? 'Name the profile that has them: proxyCredentials.'
      : 'Renew them: ozgctl auth login',
  )
