import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Pool } from 'undici'
import { certificateOf } from './certificate.ts'
import { limit, within } from './deadline.ts'
import { failureOf, HttpFailure, isCertificateFailure } from './failure.ts'
import { retryAfterMs } from './retry-after.ts'
import { type HttpBody, readableOf, type StreamedAnswer, streamedAnswer } from './streamed.ts'

export interface HttpOptions {
  /** Scheme, host and port; a path is ignored. */
  readonly origin: URL
  /** How many connections at most. */
  readonly connections: number
  /** The longest a request can take, from its begin to the end of the answer, in milliseconds. */
  readonly deadlineMs: number
  /** The longest an answer or a body can take that is a stream, in milliseconds; an hour where nothing is said. */
  readonly transferMs?: number | undefined
  /** Certificates of authorities to trust besides the known ones, PEM. */
  readonly ca?: string | undefined
  readonly userAgent: string
  /** Asked before each request that may change something: when it throws, nothing is sent. */
  readonly beforeChange?: (() => void) | undefined
  readonly now: () => Date
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  readonly random: () => number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With query, beginning with `/`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** A request whose body is a stream: it can be sent once only. */
export interface HttpUpload extends Omit<HttpRequest, 'body'> {
  readonly body: HttpBody
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Answers larger than this are refused, packed or not. */
const MAX_BYTES = 64 << 20
const READ_ATTEMPTS = 5
const BASE_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
/** Reads are given up after so much waiting. */
const WAIT_IN_ALL_MS = 120_000
const TRANSFER_MS = 3_600_000

/** For the look at a certificate that was refused already. */
const LOOK_MS = 5000

const unpack = promisify(gunzip)

/**
 * HTTP with one server. Whatever the server does, a request ends: with a whole answer or with an `HttpFailure` that
 * says whether the server can have acted. Redirects are not followed and certificates are always checked.
 */
export class HttpClient {
  readonly origin: string
  readonly #options: HttpOptions
  readonly #pool: Pool
  /** Connections whose answers may be of any size, opened with the first of these. */
  #streams: Pool | undefined
  /** Why connections were not made: what fails for one of these was never sent. */
  readonly #unconnected = new WeakSet<Error>()

  constructor(options: HttpOptions) {
    this.#options = options
    this.origin = options.origin.origin
    this.#pool = this.#open(MAX_BYTES)
  }

  /** @param maxBytes of an answer; -1 for any */
  #open(maxBytes: number): Pool {
    const { connections, deadlineMs, ca } = this.#options
    const pool = new Pool(this.origin, {
      connections,
      pipelining: 1,
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
      maxResponseSize: maxBytes,
      keepAliveTimeout: 4000,
      // Shorter than the deadline: a failure then says that nothing was sent.
      connect: {
        timeout: Math.min(10_000, Math.ceil(deadlineMs / 2)),
        ...(ca === undefined ? {} : { ca: [ca] }),
      },
    })
    pool.on('connectionError', (_origin, _targets, error) => this.#unconnected.add(error))
    return pool
  }

  /**
   * One request, sent once.
   * @param signal ends the exchange in place of the deadline: one that `within` made, so that it has an end. A body
   * that is a stream ends with it, or when the time for transfers is over; one that stands still for the deadline ends, too.
   * @throws HttpFailure; what the chunks of a stream throw is its cause, or thrown as it is when it is one itself
   */
  async send(request: HttpRequest | HttpUpload, signal?: AbortSignal): Promise<HttpAnswer> {
    if (typeof request.body === 'object')
      return within(this.#transferMs, signal, (limited) => this.#exchange(request, limited))
    if (signal !== undefined) return this.#exchange(request, signal)
    return within(this.#options.deadlineMs, undefined, (limited) => this.#exchange(request, limited))
  }

  /**
   * One request, sent once, within the deadline or until it is stopped.
   * @throws HttpFailure
   */
  async sendWithin(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    return within(this.#options.deadlineMs, signal, (limited) => this.#exchange(request, limited))
  }

  /**
   * One request, sent once, whose answer may be of any size: it is handed on as it comes and never kept as a whole.
   * @param signal ends it, as the time for transfers does; an answer that stands still for the deadline ends, too
   * @returns an answer of any status but a redirect; to be read to its end or cancelled
   * @throws HttpFailure, and so does its body while it is read when not all of it comes
   */
  async stream(request: HttpRequest, signal?: AbortSignal): Promise<StreamedAnswer> {
    if (isStopped(signal)) throw new HttpFailure('stopped', 'no', 'stopped before it was sent')
    const limited = limit(this.#transferMs, signal)
    const explained = (error: unknown): Promise<HttpFailure> => this.#failed(error, limited.signal)
    try {
      this.#streams ??= this.#open(-1)
      const {
        body,
        headers,
        statusCode: status,
      } = await this.#request(this.#streams, request, limited.signal, 'identity')
      const answer = streamedAnswer({ status, headers, body }, explained, limited.end)
      const problem = this.#streamProblem(status, headers)
      if (problem === undefined) return answer
      answer.cancel()
      throw problem
    } catch (error) {
      limited.end()
      throw await explained(error)
    }
  }

  #streamProblem(status: number, headers: HttpAnswer['headers']): HttpFailure | undefined {
    if (status >= 300 && status < 400) return this.#redirected(status, headers.location)
    const encoding = headers['content-encoding'] ?? 'identity'
    const what = !hasLength(status, headers)
      ? 'did not say how long its answer is'
      : encoding !== 'identity'
        ? `packed its answer as ${String(encoding)}`
        : undefined
    return what === undefined ? undefined : new HttpFailure('protocol', 'maybe', `${this.origin} ${what}`)
  }

  get #transferMs(): number {
    return this.#options.transferMs ?? TRANSFER_MS
  }

  #request(pool: Pool, request: HttpRequest | HttpUpload, signal: AbortSignal, encodings: string) {
    const { body } = request
    const isStream = typeof body === 'object'
    return pool.request({
      method: request.method,
      path: request.path,
      headers: {
        accept: 'application/json',
        'accept-encoding': encodings,
        'user-agent': this.#options.userAgent,
        ...(isStream && body.length !== undefined ? { 'content-length': String(body.length) } : {}),
        ...request.headers,
      },
      body: isStream ? readableOf(body) : (body ?? null),
      signal,
    })
  }

  async #exchange(request: HttpRequest | HttpUpload, signal: AbortSignal): Promise<HttpAnswer> {
    if (signal.aborted) throw new HttpFailure('stopped', 'no', 'stopped before it was sent')
    if (request.method !== 'GET') this.#options.beforeChange?.()
    try {
      const answer = await this.#request(this.#pool, request, signal, 'gzip, identity')
      const { statusCode: status, headers } = answer
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      if (status >= 300 && status < 400) throw this.#redirected(status, headers.location)
      if (isYes(status) && !hasLength(status, headers))
        throw new HttpFailure('protocol', 'maybe', `${this.origin} did not say how long its answer is`)
      const plain = await this.#plain(bytes, headers['content-encoding'])
      return { status, headers, text: isYes(status) ? this.#utf8(plain) : plain.toString('utf8') }
    } catch (error) {
      throw await this.#failed(error, signal)
    }
  }

  /** What it means that an exchange ended with an error. */
  async #failed(error: unknown, signal: AbortSignal): Promise<HttpFailure> {
    if (signal.aborted && !isTimeout(signal))
      return new HttpFailure('stopped', 'maybe', 'stopped before the answer came')
    const sent = error instanceof Error && this.#unconnected.has(error) ? 'no' : 'maybe'
    return this.#explained(failureOf(error, this.origin, sent))
  }

  /**
   * A request that may be sent twice, such as one that only reads: sent again after resets, timeouts, 429 and 5xx, with growing pauses or those that the
   * server asks for, a few times.
   * @returns the last answer, whatever its status
   * @throws HttpFailure the last one
   */
  async read(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    let waited = 0
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request, signal)
      const isLast = attempt >= READ_ATTEMPTS || waited >= WAIT_IN_ALL_MS || isStopped(signal)
      if ('answer' in outcome && (isLast || !isTransient(outcome.answer.status))) return outcome.answer
      if ('failure' in outcome && (isLast || !isWorthAnother(outcome.failure))) throw outcome.failure
      const asked = 'answer' in outcome ? this.waitAsked(outcome.answer) : null
      if (asked !== null && asked > LONGEST_WAIT_MS && 'answer' in outcome) return outcome.answer
      const wait = asked ?? this.#options.random() * BASE_WAIT_MS * 2 ** attempt
      waited += wait
      await this.#options.sleep(wait, signal)
    }
  }

  /** How long an answer asks to wait, in milliseconds. */
  waitAsked({ headers }: HttpAnswer): number | null {
    const value = headers['retry-after']
    return retryAfterMs(Array.isArray(value) ? value[0] : value, this.#options.now())
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
    await this.#streams?.destroy()
  }

  async #attempt(request: HttpRequest, signal?: AbortSignal) {
    try {
      return { answer: await this.sendWithin(request, signal) }
    } catch (error) {
      if (error instanceof HttpFailure) return { failure: error }
      throw error
    }
  }

  #redirected(status: number, location: string | string[] | undefined): HttpFailure {
    const to = location === undefined ? null : URL.parse(String(location), this.origin)
    const target = to?.origin ?? 'nowhere'
    // Credentials would go along.
    return new HttpFailure('redirect', 'maybe', `${this.origin} answered ${status} and points to ${target}`, {
      suggestions: ['Write the right address into the profile; redirects are not followed.'],
    })
  }

  async #plain(bytes: Buffer, encoding: string | string[] | undefined): Promise<Buffer> {
    // RFC 9110 §8.4.1: names in any case, and x-gzip is gzip.
    switch (typeof encoding === 'string' ? encoding.toLowerCase() : encoding) {
      case undefined:
      case 'identity':
        return bytes
      case 'gzip':
      case 'x-gzip':
        // An empty body needs no unpacking: answers without content carry the header, too.
        return bytes.length === 0 ? bytes : await this.#unpacked(bytes)
      default:
        throw new HttpFailure('protocol', 'maybe', `${this.origin} packed its answer as ${String(encoding)}`)
    }
  }

  /** Other bytes would become other letters, and a name with these would be written back. */
  #utf8(bytes: Buffer): string {
    if (isUtf8(bytes)) return bytes.toString('utf8')
    throw new HttpFailure('protocol', 'maybe', `${this.origin} sent an answer that is no UTF-8`)
  }

  async #unpacked(bytes: Buffer): Promise<Buffer> {
    try {
      return await unpack(bytes, { maxOutputLength: MAX_BYTES })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'ERR_BUFFER_TOO_LARGE')
        throw new HttpFailure('too-large', 'maybe', `${this.origin} sent more than is taken`)
      const what = code === 'Z_BUF_ERROR' ? 'is cut off' : 'cannot be unpacked'
      throw new HttpFailure('truncated', 'maybe', `the answer of ${this.origin} ${what}`, { cause: error })
    }
  }

  /** Adds what the certificate says to a failure that is about it. */
  async #explained(failure: HttpFailure): Promise<HttpFailure> {
    if (failure.fault !== 'tls' || !isCertificateFailure(failure)) return failure
    const facts = await certificateOf(this.#options.origin, Math.min(LOOK_MS, this.#options.deadlineMs))
    if (facts === undefined) return failure
    const { subject, issuer, validFrom, validTo } = facts
    const what = `${failure.message} (for ${subject}, issued by ${issuer}, valid from ${validFrom} to ${validTo})`
    return new HttpFailure('tls', failure.sent, what, {
      suggestions: failure.suggestions,
      cause: failure.cause,
    })
  }
}

const isYes = (status: number): boolean => status >= 200 && status < 300

/** Whether the end of an answer is marked. One that ends with the connection looks the same when it is cut off. */
const hasLength = (status: number, headers: HttpAnswer['headers']): boolean =>
  status === 204 || headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

/** Whether time has run out, and not the patience of the caller. */
const isTimeout = ({ reason }: AbortSignal): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError'

const isStopped = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500

/** A wrong certificate or address is the same the next time. */
function isWorthAnother({ fault }: HttpFailure): boolean {
  switch (fault) {
    case 'timeout':
    case 'reset':
    case 'refused':
    case 'unreachable':
    case 'truncated':
      return true
    case 'dns':
    case 'tls':
    case 'protocol':
    case 'too-large':
    case 'redirect':
    case 'stopped':
      return false
  }
}
