import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Phase, Phases } from '../model.ts'
import { ProbeFailure, probeFailureOf } from './failure.ts'

/** One request over a connection of its own. */
export interface HttpAsk {
  readonly url: URL
  /** `GET` where nothing is said. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Bytes of the body that are taken at most, packed or not; 1 MiB where nothing is said. */
  readonly maxBytes?: number
  /** Whether an answer that is larger is taken as far as that, instead of failing; only for what is not packed. */
  readonly cut?: boolean
}

export interface HttpReply {
  readonly url: URL
  readonly status: number
  /** Names in lower case; several of one name are joined as Node does it. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Whether there was more. */
  readonly cut: boolean
}

export interface ExchangeOptions {
  readonly socket: Socket
  readonly userAgent: string
  readonly signal: AbortSignal
  /** Whether the request names the whole address, as a proxy wants it for plain HTTP. */
  readonly absolute: boolean
  readonly onPhase: (phase: Phase) => void
}

const MAX_BODY_BYTES = 1 << 20
const MAX_HEADER_BYTES = 64 << 10
const unpack = promisify(gunzip)

/**
 * One request and its whole answer; redirects are left to the caller. `node:http` and no pool: each check has a
 * connection of its own, whose phases are measured, and for that it was the fastest of what was tried.
 * @throws ProbeFailure
 */
export async function exchange(
  ask: HttpAsk,
  options: ExchangeOptions,
): Promise<{ readonly reply: HttpReply; readonly phases: Phases }> {
  const { socket, signal } = options
  const where = ask.url.host
  const state: { phase: Phase } = { phase: 'request' }
  const times: { sent?: number; first?: number } = {}
  const begun = performance.now()
  options.onPhase('request')
  const abort = (): void => void socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const request = opened(ask, options)
    request.once('finish', () => {
      times.sent = performance.now()
      state.phase = 'firstByte'
      options.onPhase('firstByte')
    })
    request.end(ask.body)
    const response = await responseTo(request)
    times.first = performance.now()
    state.phase = 'body'
    options.onPhase('body')
    const { bytes: packed, cut } = await bytesOf(
      response,
      ask.maxBytes ?? MAX_BODY_BYTES,
      ask.cut === true,
      where,
    )
    const ended = performance.now()
    const headers = headersOf(response)
    const body = await plain(packed, headers['content-encoding'], ask.maxBytes ?? MAX_BODY_BYTES, where)
    const sent = times.sent ?? times.first
    const phases = { request: sent - begun, firstByte: times.first - sent, body: ended - times.first }
    return { reply: { url: ask.url, status: response.statusCode ?? 0, headers, body, cut }, phases }
  } catch (error) {
    throw probeFailureOf(signal.aborted ? (signal.reason ?? error) : error, state.phase, where)
  } finally {
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

function opened({ url, method = 'GET', headers, body }: HttpAsk, options: ExchangeOptions): ClientRequest {
  return httpRequest({
    method,
    path: options.absolute ? url.href : `${url.pathname}${url.search}`,
    createConnection: () => options.socket,
    maxHeaderSize: MAX_HEADER_BYTES,
    setDefaultHeaders: false,
    headers: {
      host: url.host,
      'user-agent': options.userAgent,
      accept: '*/*',
      'accept-encoding': 'gzip, identity',
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  })
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('it changed to another protocol'))
    })
    // Stays: a connection that is cut after the answer must not end the process.
    request.on('error', reject)
  })
}

async function bytesOf(
  response: IncomingMessage,
  most: number,
  mayCut: boolean,
  where: string,
): Promise<{ readonly bytes: Buffer; readonly cut: boolean }> {
  const parts: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve, reject) => {
    response.on('data', (part: Buffer) => {
      length += part.length
      parts.push(part)
      if (length <= most) return
      if (mayCut) resolve()
      else reject(tooLarge(where, most))
      response.destroy()
    })
    response.once('end', resolve)
    response.once('error', reject)
    response.once('close', () => {
      if (!response.complete) reject(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }))
    })
  })
  const bytes = Buffer.concat(parts)
  return length > most ? { bytes: bytes.subarray(0, most), cut: true } : { bytes, cut: false }
}

const tooLarge = (where: string, most: number): ProbeFailure =>
  new ProbeFailure('body', 'too-large', `${where} sent more than the ${most >> 10} KiB that are taken`)

function headersOf(response: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}

async function plain(
  bytes: Buffer,
  encoding: string | undefined,
  most: number,
  where: string,
): Promise<Buffer> {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case 'identity':
      return bytes
    case 'gzip':
    case 'x-gzip':
      return bytes.length === 0 ? bytes : unpacked(bytes, most, where)
    default:
      throw new ProbeFailure(
        'body',
        'protocol',
        `${where} packed its answer as ${encoding}, which was not asked for`,
      )
  }
}

async function unpacked(bytes: Buffer, most: number, where: string): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: most })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(where, most)
    const what = code === 'Z_BUF_ERROR' ? 'is cut off' : 'cannot be unpacked'
    throw new ProbeFailure('body', 'truncated', `the answer of ${where} ${what}`)
  }
}
