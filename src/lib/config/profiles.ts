import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badDocument, badInput, OzgctlError, type Problem, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { Fields, type Placed } from '../input/fields.ts'
import { parseYaml } from '../input/yaml.ts'
import { closest } from '../text.ts'
import { isProtected } from './protected.ts'
import { type ConfigSource, configFolder, variableOf } from './source.ts'

/** What a tenant gets besides its organization in a portal on Liferay. */
export const LAYOUTS = ['organization', 'site', 'instance'] as const

/** A remote portal: where it is, and how tenants are kept there. */
export interface Profile {
  readonly name: string
  readonly url: URL
  readonly layout: (typeof LAYOUTS)[number]
  /** Key of a site initializer for new sites. */
  readonly siteTemplate: string | undefined
  /** Whether new tenants are imported in large batches. */
  readonly batchImport: boolean
  /** File with certificates of authorities to trust besides the known ones, PEM. */
  readonly caFile: string | undefined
  /** Program that keeps the credentials, without `ozgctl-credential-`. */
  readonly helper: string | undefined
}

/** A profile as it is written: everything may be missing, for the environment may add it. */
type Written = { readonly [Field in (typeof FIELDS)[number]]?: string | undefined }

const FIELDS = ['url', 'layout', 'siteTemplate', 'batchImport', 'caFile', 'helper'] as const
const DRIVERS = ['liferay'] as const
/** Fields by their variables. */
const VARIABLES: Readonly<Record<(typeof FIELDS)[number], string>> = {
  url: 'URL',
  layout: 'LAYOUT',
  siteTemplate: 'SITE_TEMPLATE',
  batchImport: 'BATCH_IMPORT',
  caFile: 'CA_FILE',
  helper: 'HELPER',
}
const SECRETS = /secret|passw|token|credential/i

/** Rights of a group and of all others to write. */
export const OTHERS_MAY_WRITE = 0o022

/** File with the profiles. It holds no secrets and can be kept under version control. */
export const profileFile = (source: ConfigSource): string => join(configFolder(source), 'config.yaml')

/** Names of the profiles in the file, sorted. @throws OzgctlError 65 CONFIG_INVALID */
export async function profileNames(source: ConfigSource): Promise<readonly string[]> {
  return [...(await readProfileFile(source)).keys()].sort()
}

/**
 * A profile from the file and the environment, which wins field by field.
 * @throws OzgctlError 64 PROFILE_UNKNOWN, PROFILE_INVALID; 65 CONFIG_INVALID
 */
export async function resolveProfile(name: string, source: ConfigSource): Promise<Profile> {
  return profileWith(name, {}, source)
}

/** The same as it will be with some fields changed. */
export async function profileWith(name: string, changes: Written, source: ConfigSource): Promise<Profile> {
  const written = await readProfileFile(source)
  const found: Written = { ...written.get(name), ...fromEnvironment(name, source), ...present(changes) }
  if (found.url === undefined) throw unknownProfile(name, [...written.keys()])
  return {
    name,
    url: checkedUrl(name, found.url),
    layout: checkedLayout(name, found.layout),
    siteTemplate: found.siteTemplate,
    batchImport: found.batchImport === 'true',
    caFile: found.caFile,
    helper: found.helper,
  }
}

/** The helper that keeps the credentials of a profile, which need not be complete: connectors have their address elsewhere. */
export async function profileHelper(name: string, source: ConfigSource): Promise<string | undefined> {
  return fromEnvironment(name, source).helper ?? (await readProfileFile(source)).get(name)?.helper
}

function fromEnvironment(name: string, { env }: ConfigSource): Written {
  return present(
    Object.fromEntries(FIELDS.map((field) => [field, env[variableOf(name, VARIABLES[field])] || undefined])),
  )
}

/** Without the fields that are undefined, which would hide others. */
const present = (fields: Written): Written =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

function unknownProfile(name: string, names: readonly string[]) {
  const near = closest(name, names)
  return usageError('PROFILE_UNKNOWN', `there is no profile "${name}"`, [
    ...near.map((one) => `Did you mean ${one}?`),
    `Make it: ozgctl auth login ${name} --url https://…`,
  ])
}

/** An address that credentials may go to. @throws OzgctlError 64 PROFILE_INVALID */
export function checkedUrl(profile: string, text: string): URL {
  const url = URL.parse(text)
  const isAllowed = url !== null && isProtected(url) && url.hostname !== ''
  const isBare =
    ['', '/'].includes(url?.pathname ?? '') &&
    url?.hash === '' &&
    url?.search === '' &&
    url?.username === '' &&
    url?.password === ''
  if (url !== null && isAllowed && isBare) return url
  throw usageError('PROFILE_INVALID', `the url of ${profile} is no address to send credentials to`, [
    'It begins with https:// and holds a host, and no name, password or path; http:// only for this machine.',
  ])
}

function checkedLayout(profile: string, text: string | undefined): Profile['layout'] {
  if (text === undefined) return 'site'
  const layout = LAYOUTS.find((one) => one === text)
  if (layout !== undefined) return layout
  throw usageError('PROFILE_INVALID', `the layout of ${profile} is "${text}"`, [
    `There are: ${LAYOUTS.join(', ')}.`,
  ])
}

async function readProfileFile(source: ConfigSource): Promise<ReadonlyMap<string, Written>> {
  const file = profileFile(source)
  if (!existsSync(file)) return new Map()
  refuseExposed(file)
  const text = readFileSync(file, 'utf8')
  const isOnlyRemarks = text.split('\n').every((line) => /^\s*(#|$)/.test(line))
  if (isOnlyRemarks) return new Map()
  const parsed = await parseYaml({ file, text })
  const problems: Problem[] = [...parsed.problems]
  if (!parsed.ok) throw badDocument('CONFIG_INVALID', problems)
  if (parsed.root.kind !== 'map') throw badInput('CONFIG_INVALID', 'this is no map with profiles', { file })
  const top = new Fields(parsed.root, '', ['profiles'], problems)
  const profiles = top.map('profiles', 'any', 'optional')
  const found = new Map(
    (profiles?.names ?? []).map((name) => [name, readOne(profiles?.map(name, KNOWN, 'required'), problems)]),
  )
  if (problems.length > 0) throw badDocument('CONFIG_INVALID', problems.map(withoutSecrets))
  return found
}

/** Whoever can change the address of a portal gets the secret that is sent there. */
function refuseExposed(file: string): void {
  const found = statSync(file)
  if (!found.isFile()) throw badInput('CONFIG_INVALID', 'this is no regular file', { file })
  if ((found.mode & OTHERS_MAY_WRITE) === 0) return
  throw new OzgctlError('CONFIG_EXPOSED', `${file} can be written by others; it is not read`, {
    exit: EXIT.unauthorised,
    suggestions: [`Mend it: chmod go-w '${file}'`],
  })
}

const KNOWN = ['driver', 'url', 'layout', 'siteTemplate', 'batchImport', 'caFile', 'credentials'] as const

function readOne(fields: Fields | undefined, problems: Problem[]): Written {
  if (fields === undefined) return {}
  fields.choice('driver', DRIVERS)
  const layout = fields.choice('layout', LAYOUTS)
  const batch = fields.oneOrMore('batchImport', 'optional')?.items[0]
  if (batch !== undefined && !['true', 'false'].includes(batch.value)) problems.push(notTrueOrFalse(batch))
  const texts = {
    url: fields.optionalText('url')?.value,
    layout,
    siteTemplate: fields.optionalText('siteTemplate')?.value,
    batchImport: batch?.value,
    caFile: fields.optionalText('caFile')?.value,
    helper: fields.map('credentials', ['helper'], 'optional')?.optionalText('helper')?.value,
  }
  return present(texts)
}

const notTrueOrFalse = ({ place, path, value }: Placed<string>): Problem => ({
  code: 'wrong-type',
  place,
  path,
  message: `must be true or false, not ${value}`,
})

/** Nobody finds a secret in an error: where one was put into the file, the way out is another place. */
function withoutSecrets(problem: Problem): Problem {
  if (!SECRETS.test(problem.path.split('.').at(-1) ?? '')) return problem
  const hint = 'Secrets do not belong into this file. Remove it, and run: ozgctl auth login PROFILE'
  return { ...problem, message: 'a secret may not stand here', hint }
}
