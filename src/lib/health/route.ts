import { isAbsolute, resolve } from 'node:path'
import { originOf, resolveCredentials } from '../config/credentials.ts'
import { readPrivateBytes } from '../config/private-file.ts'
import { profileHelper } from '../config/profiles.ts'
import { basicLogin } from '../config/secret.ts'
import type { CommonValues } from '../connector/common-settings.ts'
import type { ClientIdentity, ProxyRoute, Route } from '../connector/probe/dial.ts'
import type { Login } from '../connector/probe/target.ts'
import type { Context } from '../context.ts'
import { badInput } from '../errors.ts'
import { readSmallFile } from '../input/reader.ts'
import { canonicalJson } from '../text.ts'

/** Ways to servers with the files and secrets that they need; each is made once in the run of a command. */
export class Routes {
  readonly #context: Pick<Context, 'env' | 'home' | 'uid'>
  /** Folder that paths in the manifest start from. */
  readonly #folder: string
  readonly #routes = new Map<string, Promise<Route>>()
  readonly #logins = new Map<string, Promise<Login>>()

  constructor(context: Pick<Context, 'env' | 'home' | 'uid'>, folder: string) {
    this.#context = context
    this.#folder = folder
  }

  /** @throws OzgctlError for files and secrets that are missing or readable by others */
  route(common: CommonValues, url: URL, signal?: AbortSignal): Promise<Route> {
    const { tls, proxy, proxyCredentials } = common
    const forWhom = tls?.passphrase === undefined ? '' : originOf(url)
    const key = canonicalJson([tls, proxy?.href, proxyCredentials, forWhom])
    return onceFor(this.#routes, key, signal, () => this.#made(common, url, signal))
  }

  /**
   * The credentials of a profile, for this origin and no other.
   * @param proxy that they go through
   * @param signal ends what has to be waited for
   * @throws OzgctlError 6
   */
  login(name: string, url: URL, proxy?: URL, signal?: AbortSignal): Promise<Login> {
    const key = `${name}\n${originOf(url)}\n${proxy?.origin ?? ''}`
    return onceFor(this.#logins, key, signal, () => this.#resolved(name, url, proxy, signal))
  }

  async #resolved(
    name: string,
    url: URL,
    proxy: URL | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Login> {
    const helper = await profileHelper(name, this.#context)
    const source = { ...this.#context, signal }
    return resolveCredentials({ name, url, helper, proxy }, source, this.#context.uid)
  }

  async #made(
    { tls, proxy, proxyCredentials }: CommonValues,
    url: URL,
    signal: AbortSignal | undefined,
  ): Promise<Route> {
    return {
      ca: tls?.ca === undefined ? undefined : this.#text(tls.ca),
      identity: await this.#identity(tls, url, signal),
      serverName: tls?.serverName,
      proxy: proxy === undefined ? undefined : await this.#proxy(proxy, proxyCredentials, signal),
    }
  }

  async #proxy(
    url: URL,
    credentials: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ProxyRoute> {
    if (credentials === undefined) return { url, authorization: undefined }
    const { clientId, clientSecret } = await this.login(credentials, url, undefined, signal)
    return { url, authorization: basicLogin(clientId, clientSecret.reveal()) }
  }

  async #identity(
    tls: CommonValues['tls'],
    url: URL,
    signal: AbortSignal | undefined,
  ): Promise<ClientIdentity | undefined> {
    if (tls?.cert === undefined && tls?.pfx === undefined) return undefined
    const login =
      tls.passphrase === undefined ? undefined : await this.login(tls.passphrase, url, undefined, signal)
    const passphrase = login?.clientSecret.reveal()
    if (tls.pfx !== undefined) return { form: 'pkcs12', bytes: this.privateFile(tls.pfx), passphrase }
    return {
      form: 'pem',
      cert: this.#text(tls.cert ?? ''),
      key: this.privateFile(tls.key ?? '').toString('utf8'),
      passphrase,
    }
  }

  #text(path: string): string {
    return readSmallFile(this.#path(path))
  }

  /** Bytes of a file with a secret. @throws OzgctlError where it is missing, or readable by others */
  privateFile(path: string): Buffer {
    const file = this.#path(path)
    const bytes = readPrivateBytes(file, this.#context.uid)
    if (bytes === undefined) throw badInput('FILE_MISSING', 'there is no such file', { file })
    return bytes
  }

  #path(path: string): string {
    return isAbsolute(path) ? path : resolve(this.#folder, path)
  }
}

/** What is made once, and again where a signal ended it: the next round has time of its own. */
function onceFor<T>(
  made: Map<string, Promise<T>>,
  key: string,
  signal: AbortSignal | undefined,
  make: () => Promise<T>,
): Promise<T> {
  const known = made.get(key)
  if (known !== undefined) return known
  const promise = make()
  promise.catch(() => {
    if (signal?.aborted === true) made.delete(key)
  })
  made.set(key, promise)
  return promise
}
