import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { askHelper } from './helper.ts'
import { withConfigLock } from './lock.ts'
import {
  leftovers,
  privateFileProblem,
  type Rights,
  readPrivateFile,
  writePrivateFile,
} from './private-file.ts'
import type { Profile } from './profiles.ts'
import { refuseUnprotected } from './protected.ts'
import { Secret } from './secret.ts'
import { type ConfigSource, configFolder, variableOf } from './source.ts'

/** OAuth 2 client credentials with where they come from. */
export interface Credentials {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly from: CredentialSource
}

/** In the order in which they are asked. */
export type CredentialSource =
  | { readonly kind: 'file'; readonly path: string; readonly rights: Rights }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'helper'; readonly helper: string }
  | { readonly kind: 'store'; readonly path: string }

/** Where `auth login` keeps credentials without a helper. */
export const credentialFile = (source: ConfigSource): string => join(configFolder(source), 'credentials.json')

/**
 * The credentials of a profile: from a file that the environment names, from the environment, from the helper of the
 * profile, from the file of `auth login`.
 * @param uid of this user; undefined where the system has none
 * @throws OzgctlError 6 NOT_LOGGED_IN, CREDENTIALS_UNPROTECTED, CREDENTIALS_EXPOSED, CREDENTIALS_INVALID, HELPER_FAILED
 */
export async function resolveCredentials(
  profile: Pick<Profile, 'name' | 'url' | 'helper'> & { readonly proxy?: URL | undefined },
  source: ConfigSource,
  uid: number | undefined,
): Promise<Credentials> {
  // Wherever they come from, and before anybody is asked for them.
  refuseUnprotected(profile.name, profile.url, profile.proxy)
  const found =
    fromNamedFile(profile.name, source, uid) ??
    fromEnvironment(profile.name, source) ??
    (await fromHelper(profile, source)) ??
    fromStore(profile, source, uid)
  if (found !== undefined) return found
  throw new OzgctlError('NOT_LOGGED_IN', `there are no credentials for ${profile.name}`, {
    exit: EXIT.unauthorised,
    suggestions: [`Run: ozgctl auth login ${profile.name}`],
  })
}

/** A file that is named, or that systemd hands over (`LoadCredential=`). */
function fromNamedFile(
  name: string,
  { env }: ConfigSource,
  uid: number | undefined,
): Credentials | undefined {
  const { CREDENTIALS_DIRECTORY } = env
  const named = env[variableOf(name, 'CREDENTIALS_FILE')] || undefined
  const given = CREDENTIALS_DIRECTORY === undefined ? undefined : join(CREDENTIALS_DIRECTORY, name)
  return fromFile(named, uid, 'private') ?? fromFile(given, uid, 'systemd')
}

function fromFile(
  path: string | undefined,
  uid: number | undefined,
  rights: Rights,
): Credentials | undefined {
  const text = path === undefined ? undefined : readPrivateFile(path, uid, rights)
  return path === undefined || text === undefined
    ? undefined
    : parsed(text, path, { kind: 'file', path, rights })
}

/** @throws OzgctlError 6 CREDENTIALS_INVALID for one without the other: another source would be used unseen */
function fromEnvironment(name: string, { env }: ConfigSource): Credentials | undefined {
  const variable = variableOf(name, 'CLIENT_SECRET')
  const clientId = env[variableOf(name, 'CLIENT_ID')]
  const clientSecret = env[variable]
  if (!clientId && !clientSecret) return undefined
  if (!clientId || !clientSecret)
    throw new OzgctlError(
      'CREDENTIALS_INVALID',
      `${variableOf(name, 'CLIENT_ID')} and ${variable} belong together, and one is missing`,
      { exit: EXIT.unauthorised, suggestions: ['Set both, or neither.'] },
    )
  return { clientId, clientSecret: new Secret(clientSecret), from: { kind: 'environment', variable } }
}

async function fromHelper(
  { name, url, helper }: Pick<Profile, 'name' | 'url' | 'helper'>,
  source: ConfigSource,
): Promise<Credentials | undefined> {
  if (helper === undefined) return undefined
  const answer = await askHelper(helper, 'get', { profile: name, url: url.href }, source)
  return parsed(answer, `the answer of ozgctl-credential-${helper}`, { kind: 'helper', helper })
}

function fromStore(
  { name, url }: Pick<Profile, 'name' | 'url'>,
  source: ConfigSource,
  uid: number | undefined,
): Credentials | undefined {
  const path = credentialFile(source)
  const stored = readStore(path, uid)[name]
  if (stored === undefined) return undefined
  // Whoever changes the address of a profile does not get the secret with it.
  if (stored.origin !== originOf(url))
    throw new OzgctlError(
      'NOT_LOGGED_IN',
      `the credentials of ${name} are for ${stored.origin}, not ${originOf(url)}`,
      {
        exit: EXIT.unauthorised,
        suggestions: [`If the portal has moved, log in anew: ozgctl auth login ${name}`],
      },
    )
  const { clientId, clientSecret } = stored
  return { clientId, clientSecret: new Secret(clientSecret), from: { kind: 'store', path } }
}

/** Scheme, host and port; `URL.origin` has none for schemes such as sftp. */
export const originOf = (url: URL): string => `${url.protocol}//${url.host}`

interface Pair {
  readonly clientId: string
  readonly clientSecret: string
}

interface Stored extends Pair {
  /** Of the portal that they were checked with. */
  readonly origin: string
}

/** Keeps credentials in the file, or hands them to the helper. */
export async function storeCredentials(
  { name, url, helper }: Pick<Profile, 'name' | 'url' | 'helper'>,
  clientId: string,
  clientSecret: Secret,
  source: ConfigSource,
  uid: number | undefined,
): Promise<CredentialSource> {
  const pair: Pair = { clientId, clientSecret: clientSecret.reveal() }
  if (helper !== undefined) {
    await askHelper(helper, 'store', { profile: name, url: url.href, ...pair }, source)
    // What was kept here before is kept there now, and nowhere else.
    await eraseStored(name, source, uid)
    return { kind: 'helper', helper }
  }
  const path = credentialFile(source)
  const stored: Stored = { ...pair, origin: originOf(url) }
  await changeStore(path, uid, (others) => ({ ...others, [name]: stored }))
  return { kind: 'store', path }
}

/** Takes credentials out of the file, or lets the helper do so. @returns where they were; undefined when nowhere */
export async function eraseCredentials(
  { name, url, helper }: Pick<Profile, 'name' | 'url' | 'helper'>,
  source: ConfigSource,
  uid: number | undefined,
): Promise<CredentialSource | undefined> {
  const stored = await eraseStored(name, source, uid)
  if (helper === undefined) return stored
  await askHelper(helper, 'erase', { profile: name, url: url.href }, source)
  return { kind: 'helper', helper }
}

async function eraseStored(
  name: string,
  source: ConfigSource,
  uid: number | undefined,
): Promise<CredentialSource | undefined> {
  const path = credentialFile(source)
  const isStored = readStore(path, uid)[name] !== undefined
  if (isStored || leftovers(path, uid).length > 0)
    await changeStore(path, uid, ({ [name]: _erased, ...others }) => others)
  return isStored ? { kind: 'store', path } : undefined
}

type Store = Readonly<Record<string, Stored>>

/** Changes the file while nobody else does. So whatever is begun beside it is of a process that was killed, and goes. */
async function changeStore(
  path: string,
  uid: number | undefined,
  change: (store: Store) => Store,
): Promise<void> {
  await withConfigLock(path, () => {
    for (const begun of leftovers(path, uid)) rmSync(begun, { force: true })
    writePrivateFile(path, `${JSON.stringify(change(readStore(path, uid)), undefined, 2)}\n`)
  })
}

/** What is wrong with the rights of the file that a source is. */
export function sourceProblem(from: CredentialSource, uid: number | undefined): string | undefined {
  if (from.kind !== 'file' && from.kind !== 'store') return undefined
  return privateFileProblem(from.path, uid, from.kind === 'file' ? from.rights : 'private')
}

function readStore(path: string, uid: number | undefined): Store {
  const text = readPrivateFile(path, uid)
  if (text === undefined) return {}
  const value = jsonIn(text)
  if (typeof value !== 'object' || value === null) throw invalid(path)
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, Stored] => isPair(entry[1]) && 'origin' in entry[1],
    ),
  )
}

function parsed(text: string, where: string, from: CredentialSource): Credentials {
  const value = jsonIn(text)
  if (!isPair(value)) throw invalid(where)
  return { clientId: value.clientId, clientSecret: new Secret(value.clientSecret), from }
}

function isPair(value: unknown): value is Pair {
  if (typeof value !== 'object' || value === null) return false
  const { clientId, clientSecret } = value as Partial<Pair>
  return typeof clientId === 'string' && typeof clientSecret === 'string' && clientSecret !== ''
}

/** Says nothing of what stands there: it may be a secret. */
function invalid(where: string): OzgctlError {
  return new OzgctlError('CREDENTIALS_INVALID', `${where} holds no credentials`, {
    exit: EXIT.unauthorised,
    suggestions: ['It is JSON like {"clientId": "…", "clientSecret": "…"}.'],
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
