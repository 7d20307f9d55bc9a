import { closest } from '../text.ts'
import { COMMON, type CommonValues } from './common-settings.ts'
import type { Kind } from './kind.ts'
import { isKindId, KIND_IDS, type KindId, loadKind } from './kinds/index.ts'
import { type Misread, no, readAddress, type Setting } from './settings.ts'
import { SYSTEMS, systemOf } from './systems/index.ts'
import type { System } from './systems/model.ts'
import { expand, isTemplate, TEMPLATE_WORDS, type TemplateValues, wordsIn } from './template.ts'

/** A connector as it is written: fields by name, plain values, perhaps with templates. */
export type Written = Readonly<Record<string, unknown>>

/** One thing that is wrong with it. @property at the field and where in it */
export interface DefinitionProblem {
  readonly code: 'connector-invalid' | 'system-unknown' | 'kind-unknown'
  readonly at: readonly (string | number)[]
  readonly message: string
  readonly hint?: string | undefined
  readonly wantsText?: true | undefined
}

/** What tells which other fields there are. */
const HEAD_FIELDS = ['name', 'system', 'kind', 'url'] as const

/** A connector whose kind is known. */
export interface Definition {
  readonly system: System | undefined
  readonly kind: Kind
  readonly kindId: KindId
  /** With what the system gives where nothing is written. */
  readonly written: Written
  /** Whether it is another one for each tenant. */
  readonly perTenant: boolean
  /** Whether a tenant has it for itself. */
  readonly isOwn: boolean
}

/** A connector as it is checked. */
export interface Effective {
  readonly url: URL
  readonly common: CommonValues
  /** As the kind reads them. */
  readonly settings: Readonly<Record<string, unknown>>
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] }

/** Stands for any tenant when a definition is read. */
const EXAMPLE: TemplateValues = {
  slug: 'musterstadt',
  ars: '034590014014',
  ags: '03459014',
  host: 'www.musterstadt.de',
  name: 'Musterstadt',
}

/** Finds system and kind of a connector, and everything that is wrong with its fields whatever the tenant. */
export async function defineConnector(written: Written, isOwn = false): Promise<Checked<Definition>> {
  const system = typeof written.system === 'string' ? systemOf(written.system) : undefined
  if (written.system !== undefined && system === undefined)
    return failed([unknownSystem(written.system), ...unknownWords(written)])
  const kindId = written.kind ?? system?.kind
  if (kindId === undefined)
    return failed([
      {
        code: 'connector-invalid',
        at: [],
        message: 'needs a system or a kind',
        hint: 'Systems: ozgctl connector systems',
      },
    ])
  if (typeof kindId !== 'string' || !isKindId(kindId)) return failed([unknownKind(kindId)])
  const kind = await loadKind(kindId)
  const complete = kindId === system?.kind ? { ...system.defaults, ...written } : written
  const definition = { system, kind, kindId, written: complete, perTenant: isTemplate(complete), isOwn }
  const problems = [...unknownFields(definition), ...unknownWords(complete)]
  const read = effectiveFor(definition, EXAMPLE)
  const all = [...problems, ...(read.ok ? [] : read.problems)]
  return all.length > 0 ? failed(all) : { ok: true, value: definition }
}

const failed = (problems: readonly DefinitionProblem[]) => ({ ok: false, problems }) as const

/** The connector for one tenant. */
export function effectiveFor({ kind, written }: Definition, values: TemplateValues): Checked<Effective> {
  const missing = wordsIn(written).filter(
    (word) => TEMPLATE_WORDS.some((known) => known === word) && (values as Written)[word] === undefined,
  )
  if (missing.length > 0)
    return failed([
      {
        code: 'connector-invalid',
        at: ['url'],
        message: `the tenant has nothing for ${missing.map((word) => `{${word}}`).join(', ')}`,
      },
    ])
  const url = readAddress(expand(written.url, values, encodeURIComponent), kind.schemes)
  const settings = expand(written, values, (plain) => plain) as Written
  const common = readAll(COMMON, settings)
  const own = readAll(kind.settings, settings)
  const problems = [...(url.ok ? [] : [problemIn('url', url)]), ...common.problems, ...own.problems]
  if (kind.credentials === 'required' && written.credentials === undefined)
    problems.push(problemIn('credentials', no('is missing', 'This kind cannot be checked without.')))
  if (!url.ok || problems.length > 0) return failed(problems)
  return {
    ok: true,
    value: { url: url.value, common: common.values as CommonValues, settings: own.values },
  }
}

function readAll(shape: Readonly<Record<string, Setting<unknown>>>, written: Written) {
  const values: Record<string, unknown> = {}
  const problems: DefinitionProblem[] = []
  for (const [name, setting] of Object.entries(shape)) {
    const value = written[name]
    const reading =
      value === undefined && setting.need === 'required' ? no('is missing') : setting.read(value)
    if (reading.ok) values[name] = reading.value
    else problems.push(problemIn(name, reading))
  }
  return { values, problems }
}

function problemIn(name: string, { message, at = [], hint, wantsText }: Misread): DefinitionProblem {
  return { code: 'connector-invalid', at: [name, ...at], message, hint, wantsText }
}

function unknownSystem(id: unknown): DefinitionProblem {
  const near = closest(
    String(id),
    SYSTEMS.map((system) => system.id),
  )[0]
  return {
    code: 'system-unknown',
    at: ['system'],
    message: `${JSON.stringify(id)} is no system that is known`,
    hint: near === undefined ? 'See: ozgctl connector systems. Others take a kind.' : `Did you mean ${near}?`,
  }
}

function unknownKind(id: unknown): DefinitionProblem {
  const near = closest(String(id), KIND_IDS)[0]
  return {
    code: 'kind-unknown',
    at: ['kind'],
    message: `${JSON.stringify(id)} is not one of: ${KIND_IDS.join(', ')}`,
    hint: near === undefined ? undefined : `Did you mean ${near}?`,
  }
}

function unknownFields({ kind, kindId, written }: Definition): DefinitionProblem[] {
  const known = [...HEAD_FIELDS, ...Object.keys(COMMON), ...Object.keys(kind.settings)]
  return Object.keys(written)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = closest(name, known)[0]
      const fields = Object.keys(kind.settings).join(', ')
      return {
        code: 'connector-invalid',
        at: [name],
        message: `there is no such field in the kind ${kindId}`,
        hint: near === undefined ? `Its own fields: ${fields || 'none'}.` : `Did you mean ${near}?`,
      }
    })
}

/** A slip in braces would stay in an address as it is. */
function unknownWords({ url }: Written): readonly DefinitionProblem[] {
  return wordsIn(url)
    .filter((word) => !TEMPLATE_WORDS.some((known) => known === word))
    .map((word) => ({
      code: 'connector-invalid',
      at: ['url'],
      message: `{${word}} stands for nothing`,
      hint: `There are: ${TEMPLATE_WORDS.map((known) => `{${known}}`).join(', ')}.`,
    }))
}
