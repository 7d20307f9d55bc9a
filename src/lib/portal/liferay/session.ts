import { bearerLogin, excerpt } from '../../config/secret.ts'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from '../../http/client.ts'
import { HttpFailure, unavailable } from '../../http/failure.ts'
import { retryAfterMs } from '../../http/retry-after.ts'

/** OAuth 2 client credentials. RFC 6749 §4.4. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface SessionOptions {
  /** As manifests name the portal. */
  readonly portal: string
  readonly client: HttpClient
  readonly credentials: () => Promise<ClientCredentials>
  /** Milliseconds on a clock that never steps back. */
  readonly uptime: () => number
  readonly now: () => Date
}

/** A whole answer. */
export interface Answer {
  readonly status: number
  /** undefined where there is no JSON: no content, or the page of a server that knows no such address. */
  readonly json: unknown
  /** Whether there is nothing at all in the body. */
  readonly isEmpty: boolean
  readonly retryAfterMs: number | null
}

interface Token {
  readonly text: string
  readonly until: number
}

/** Printable ASCII, RFC 6749 appendix A.12; anything else could not be sent back in a header. */
const TOKEN = /^[\x20-\x7e]+$/
const TOKEN_PATH = '/o/oauth2/token'
/** A token is renewed so long before its end. */
const RENEW_BEFORE_MS = 30_000

/** Requests to one Liferay as one OAuth 2 application. */
export class LiferaySession {
  readonly portal: string
  readonly #options: SessionOptions
  #token: Promise<Token | undefined> | undefined
  #renewing: Promise<Token> | undefined
  /** The APIs that have answered in JSON. */
  readonly #present = new Set<string>()

  constructor(options: SessionOptions) {
    this.#options = options
    this.portal = options.portal
  }

  /**
   * Reads, again and again if need be.
   * @throws OzgctlError PORTAL_UNAVAILABLE (69), UNAUTHORISED (6)
   */
  async read(path: string): Promise<Answer> {
    try {
      return await this.#authorised(path, (headers) =>
        this.#options.client.read({ method: 'GET', path, headers }),
      )
    } catch (error) {
      throw error instanceof HttpFailure ? unavailable(error, this.portal) : error
    }
  }

  /**
   * Sends once, whatever the method.
   * @throws HttpFailure, OzgctlError UNAUTHORISED (6)
   */
  async send(
    method: HttpRequest['method'],
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.#authorised(path, (headers) =>
      this.#options.client.send(
        body === undefined
          ? { method, path, headers }
          : {
              method,
              path,
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify(body),
            },
        signal,
      ),
    )
  }

  /** Fetches a token: whether the portal can be reached and knows the credentials. */
  async login(): Promise<void> {
    try {
      await this.#validToken()
    } catch (error) {
      throw error instanceof HttpFailure ? unavailable(error, this.portal) : error
    }
  }

  async close(): Promise<void> {
    await this.#options.client.close()
  }

  /**
   * Whether an answer says that there is no such API: a page for an address that nothing has been heard from. After
   * that the same page comes from a server that is starting, or from something in front of it.
   */
  lacksApi(path: string, { status, json }: Answer): boolean {
    return status === 404 && json === undefined && !this.#present.has(apiOf(path))
  }

  async #authorised(
    path: string,
    work: (headers: Readonly<Record<string, string>>) => Promise<HttpAnswer>,
  ): Promise<Answer> {
    const token = await this.#validToken()
    let answer = await work(bearer(token))
    if (answer.status === 401) {
      // It may have been withdrawn, or the server was started anew: a 401 is certainly not done.
      if ((await this.#token) === token) this.#token = undefined
      answer = await work(bearer(await this.#validToken()))
    }
    if (answer.status === 401) throw this.#unauthorised('it does not accept its own token')
    const whole = this.#answer(answer)
    if (isAboutAccess(whole)) throw this.refusal(whole)
    if (whole.json !== undefined) this.#present.add(apiOf(path))
    return whole
  }

  /** The portal refuses more than one object. Exit 6 */
  refusal(answer: Answer): OzgctlError {
    return this.#unauthorised(problemText(answer), SCOPES)
  }

  #answer({ status, headers, text }: HttpAnswer): Answer {
    const retryAfter = headers['retry-after']
    return {
      status,
      json: parsed(text),
      isEmpty: text === '',
      retryAfterMs: retryAfterMs(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, this.#options.now()),
    }
  }

  /** One token for all who ask at the same time. */
  async #validToken(): Promise<Token> {
    const present = await this.#token
    if (present !== undefined && present.until > this.#options.uptime()) return present
    if (this.#renewing === undefined) {
      this.#renewing = this.#requestToken()
      this.#token = this.#renewing.catch(() => undefined)
    }
    try {
      return await this.#renewing
    } finally {
      this.#renewing = undefined
    }
  }

  async #requestToken(): Promise<Token> {
    const { clientId, clientSecret } = await this.#options.credentials()
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    })
    // To ask twice for a token does no harm.
    const answer = await this.#options.client.read({
      method: 'POST',
      path: TOKEN_PATH,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    })
    if (answer.status === 400 || answer.status === 401 || answer.status === 403)
      throw this.#unauthorised(
        `it does not accept the credentials (${answer.status} ${errorIn(answer.text)})`,
      )
    const json = parsed(answer.text) as
      | { readonly access_token?: unknown; readonly expires_in?: unknown }
      | undefined
    if (answer.status !== 200 || typeof json?.access_token !== 'string' || !TOKEN.test(json.access_token))
      throw new HttpFailure(
        'protocol',
        'no',
        `${this.#options.client.origin} gave no token (${answer.status})`,
      )
    const seconds = typeof json.expires_in === 'number' ? json.expires_in : 60
    const life = Math.max(1000, seconds * 1000 - RENEW_BEFORE_MS)
    return { text: json.access_token, until: this.#options.uptime() + life }
  }

  #unauthorised(why: string, suggestions: readonly string[] = []): OzgctlError {
    return new OzgctlError('UNAUTHORISED', `${this.portal} refuses access: ${why}`, {
      exit: EXIT.unauthorised,
      suggestions: [...suggestions, `Check the credentials: ozgctl auth status ${this.portal}`],
    })
  }
}

/** Name of the API that an address belongs to. */
export const apiOf = (path: string): string => /^\/o\/([^/]+)/.exec(path)?.[1] ?? path

const bearer = ({ text }: Token) => ({ authorization: bearerLogin(text) })

const SCOPES = [
  'The OAuth 2 application needs the scopes Liferay.Headless.Admin.User.everything, …Headless.Site.everything and …Headless.Batch.Engine.everything, as far as they are used.',
]

/** A Problem document: its status is the name of an enum. */
function problemIn({ json }: Answer): Readonly<Record<string, unknown>> | undefined {
  return typeof json === 'object' && json !== null ? { ...json } : undefined
}

/** What somebody says who can say a lot is told up to here. */
const LONGEST_WORDS = 500

/** What a Problem document says, in its own words on one line. */
export function problemText(answer: Answer): string {
  const { status: name, title, detail } = problemIn(answer) ?? {}
  const texts = [title, detail].filter((text) => typeof text === 'string' && text !== '')
  const words = [typeof name === 'string' ? name : `HTTP ${answer.status}`, ...texts].join(': ')
  return excerpt(words, LONGEST_WORDS).replace(/\s/g, ' ')
}

/**
 * Whether an answer says that there is no such thing. The 404 of a proxy, of a server that is starting or of an API
 * that is not there says nothing of the kind, in JSON or not: Liferay's own names its status.
 */
export const isAbsent = (answer: Answer): boolean =>
  answer.status === 404 && problemIn(answer)?.status === 'NOT_FOUND'

const TOKEN_ERRORS: readonly unknown[] = ['insufficient_scope', 'invalid_token']

/**
 * Whether a 403 is about the application and its scopes, so that all else will be refused, too: Liferay's check of
 * scopes answers with nothing in the body, OAuth 2 (RFC 6750 §3.1) with an error. When it refuses one object, it says
 * so in a Problem document.
 */
const isAboutAccess = (answer: Answer): boolean =>
  answer.status === 403 && (answer.isEmpty || TOKEN_ERRORS.includes(problemIn(answer)?.error))

function errorIn(text: string): string {
  const json = parsed(text)
  return typeof json === 'object' && json !== null && 'error' in json ? String(json.error) : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}
