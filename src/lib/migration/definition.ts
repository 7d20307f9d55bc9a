import {
  duration,
  integer,
  type Misread,
  no,
  optional,
  type Setting,
  type SettingsValues,
  text,
  texts,
  yesNo,
} from '../connector/settings.ts'
import { badDocument, type Problem } from '../errors.ts'
import type { InputDocument } from '../input/document.ts'
import { Fields, type PlainMap } from '../input/fields.ts'
import { parseYaml } from '../input/yaml.ts'
import { parseSelector, type Selector } from '../tenant/select.ts'
import { closest } from '../text.ts'
import { migrationHash } from './hash.ts'
import type { Json, JsonObject } from './records/model.ts'
import { secretsIn, unprotectedIn } from './secrets.ts'
import { group, isMap, LABEL, listOf, readShape, regionKey, schemaOf } from './settings.ts'
import { gateSettings } from './steps/health.ts'
import { isStepKindId, loadStepKind, STEP_KIND_IDS, type StepKindId } from './steps/index.ts'
import type { StepKind } from './steps/step.ts'
import { problemsOfTemplates } from './template-check.ts'
import type { Budget, WaveSize } from './waves.ts'

/** A migration as its file says it. */
export interface Definition extends Omit<SettingsValues<typeof DEFINITION_SHAPE>, 'steps' | 'schemaVersion'> {
  readonly steps: readonly StepDefinition[]
  /** All of it as plain values, for the record. */
  readonly document: JsonObject
  readonly hash: string
}

export interface StepDefinition {
  readonly id: string
  readonly kind: StepKindId
  readonly title: string | undefined
  /** Its settings, with placeholders. */
  readonly written: JsonObject
  readonly behaviour: StepKind
}

export const MAX_MIGRATION_BYTES = 1 << 20
/** More than anybody reviews. */
const MAX_STEPS = 100

/** A number, or a share of all tenants. */
const numberOrShare = (description: string, least: number): Setting<WaveSize> => ({
  description,
  need: 'required',
  schema: {
    anyOf: [
      { type: 'integer', minimum: least },
      { type: 'string', pattern: '^[0-9]{1,3}%$' },
    ],
  },
  read: (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least)
      return { ok: true, value: { count: value } }
    const percent =
      typeof value === 'string' ? Number(/^(\d{1,3})%$/.exec(value)?.[1] ?? Number.NaN) : Number.NaN
    return percent >= least && percent <= 100
      ? { ok: true, value: { percent } }
      : no('must be a number or a share', 'It is like 5 or "25%".')
  },
})

const selector: Setting<Selector> = {
  description: 'FIELD=VALUE, with account, connector, module, name, slug or state.',
  need: 'required',
  schema: { type: 'string', pattern: '^[a-z]+=.+$' },
  read: (value) => {
    if (typeof value !== 'string') return no('must be a text like state=active')
    try {
      return { ok: true, value: parseSelector(value) }
    } catch (error) {
      return no(error instanceof Error ? error.message : String(error))
    }
  },
}

const SELECT_SHAPE = {
  in: optional(regionKey('Only tenants in this region.')),
  selector: optional(listOf('All of these must hold.', selector), []),
  keys: optional(listOf('Only tenants with these keys.', regionKey('Key of a tenant.'), 20_000)),
  file: optional(text('Only tenants whose key is in this file, one a line, beside the migration.')),
  connector: optional(text('Only tenants that have this connector.')),
  system: optional(text('Only tenants that have a connector of this system.')),
  version: optional(
    text('Only tenants whose connector (of connector or system) has this version installed.'),
  ),
  limit: optional(integer('Only the first so many, in the order of their keys.', 1, 100_000)),
}

const WAVES_SHAPE = {
  canary: optional(integer('So many tenants go first and alone.', 0, 100_000), 0),
  sizes: optional(
    listOf(
      'Sizes of the waves after that, as numbers or shares; the last is repeated.',
      numberOrShare('Tenants of a wave.', 1),
      100,
    ),
    [{ percent: 100 }],
  ),
  pause: optional(yesNo('Whether the run stops after each wave until somebody resumes it.'), false),
  soak: optional(duration('So long nothing is changed after each wave.')),
  gate: optional(group('What has to be healthy after each wave before the next begins.', gateSettings)),
}

const STEPS: Setting<readonly JsonObject[]> = {
  description: 'What is done for each tenant, in this order.',
  need: 'required',
  schema: { type: 'array', minItems: 1, maxItems: MAX_STEPS },
  read: (value) => {
    if (!Array.isArray(value) || value.length === 0) return no('must be a list of steps')
    if (value.length > MAX_STEPS) return no(`has ${value.length} steps; at most ${MAX_STEPS} are read`)
    const at = value.findIndex((step) => !isMap(step))
    return at < 0
      ? { ok: true, value: value as readonly JsonObject[] }
      : { ...no('must be a map of fields'), at: [at] }
  },
}

/** Fields of a migration. */
const DEFINITION_SHAPE = {
  schemaVersion: optional(integer('Version of the format.', 1, 1), 1),
  id: text('What it is called in commands and in the record; unique.', LABEL),
  title: text('What it is, for people.'),
  reason: text('Why it is done, for the change record.'),
  author: text('Who wrote it, for the change record.'),
  portal: optional(text('Profile of the portal; local is the one in the store.', LABEL)),
  manifest: optional(texts('Manifests that declare the connectors, beside the migration.'), []),
  select: optional(
    group('Which tenants; all where nothing is said. All that is given must hold.', SELECT_SHAPE),
  ),
  waves: optional(group('In which groups.', WAVES_SHAPE)),
  budget: optional(numberOrShare('How many tenants may fail, over the whole run.', 0), {
    count: 0,
  } satisfies Budget),
  steps: STEPS,
}

export type SelectValues = SettingsValues<typeof SELECT_SHAPE>

const STEP_HEAD = {
  id: text('What it is called; unique in the migration.', LABEL),
  kind: text('Kind of the step.'),
  title: optional(text('What it is, for people.')),
}

/**
 * Reads a migration.
 * @throws OzgctlError 65 MIGRATION_INVALID with all that is wrong and its places
 */
export async function readDefinition(document: InputDocument): Promise<Definition> {
  return definitionIn(document, unprotectedIn)
}

/** A migration from the record, which was right when it was kept. */
export const definitionOf = (document: Json): Promise<Definition> =>
  definitionIn({ file: 'the migration in the store', text: JSON.stringify(document) }, () => [])

/** @param unprotected what is not to be begun any more, and may be looked at and taken back where it was */
async function definitionIn(document: InputDocument, unprotected: typeof unprotectedIn): Promise<Definition> {
  const parsed = await parseYaml(document)
  if (!parsed.ok || parsed.root.kind !== 'map')
    throw badDocument('MIGRATION_INVALID', parsed.ok ? [notAMap(document)] : parsed.problems)
  const problems: Problem[] = [...parsed.problems]
  const plain = new Fields(parsed.root, '', 'any', problems).plain()
  const written = plain.value as JsonObject
  const { values, problems: misread } = readShape(DEFINITION_SHAPE, written)
  const report = (code: string, wrong: Misread): void => {
    problems.push(placed(code, wrong, plain))
  }
  for (const wrong of misread) report('migration-invalid', wrong)
  for (const { at, message, hint } of secretsIn(written))
    report('secret-in-file', { ...no(message, hint), at })
  for (const wrong of unprotected(written)) report('credentials-unprotected', wrong)
  const steps = Array.isArray(written.steps) ? await readSteps(written.steps.filter(isMap), report) : []
  for (const wrong of problemsOfTemplates(steps)) report('template-invalid', wrong)
  if (problems.length > 0) throw badDocument('MIGRATION_INVALID', problems)
  return { ...values, steps, document: written, hash: migrationHash(written) }
}

async function readSteps(
  list: readonly JsonObject[],
  report: (code: string, wrong: Misread) => void,
): Promise<readonly StepDefinition[]> {
  const steps: StepDefinition[] = []
  if (list.length > MAX_STEPS) return []
  for (const [at, all] of list.entries()) {
    const { id, kind, title, ...written } = all
    const head = readShape(STEP_HEAD, { ...plainHead({ id, kind, title }) })
    for (const wrong of head.problems) report('migration-invalid', within(wrong, 'steps', at))
    if (steps.some((other) => other.id === id))
      report('step-duplicate', within({ ...no(`${String(id)} is there twice`), at: ['id'] }, 'steps', at))
    if (typeof kind !== 'string' || typeof id !== 'string') continue
    if (!isStepKindId(kind)) {
      const near = closest(kind, STEP_KIND_IDS)[0]
      const hint = near === undefined ? `Kinds: ${STEP_KIND_IDS.join(', ')}.` : `Did you mean ${near}?`
      report(
        'step-unknown',
        within({ ...no(`${JSON.stringify(kind)} is no kind of step`, hint), at: ['kind'] }, 'steps', at),
      )
      continue
    }
    const behaviour = await loadStepKind(kind)
    const step = { id, kind, title: typeof title === 'string' ? title : undefined, written, behaviour }
    for (const wrong of problemsOfStep(step)) report('migration-invalid', within(wrong, 'steps', at))
    steps.push(step)
  }
  return steps
}

/** What is wrong with the settings of a step, as far as it can be seen without a tenant. */
function problemsOfStep({ written, behaviour }: StepDefinition): readonly Misread[] {
  const { values, problems } = readShape(behaviour.settings, exampleOf(written))
  if (problems.length > 0) return problems
  const problem = behaviour.problem?.(values)
  return problem === undefined ? [] : [no(problem)]
}

/** The settings with something for each placeholder, so that the rest of them can be looked at. */
function exampleOf(value: JsonObject): JsonObject {
  const fill = (inner: Json): Json => {
    if (typeof inner === 'string')
      return inner
        .replace(/^\$\{connector\.[^{}]*\}/, 'https://connector.invalid')
        .replace(/\$\{tenant\.(ars|ags)\}/g, '034590014014')
        .replace(/\$\{[^{}]*\}/g, 'x')
    if (typeof inner !== 'object' || inner === null) return inner
    if (Array.isArray(inner)) return inner.map(fill)
    return Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, fill(one)]))
  }
  return fill(value) as JsonObject
}

const plainHead = (head: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(head).filter((entry): entry is [string, Json] => entry[1] !== undefined))

const within = (wrong: Misread, ...at: readonly (string | number)[]): Misread => ({
  ...wrong,
  at: [...at, ...(wrong.at ?? [])],
})

function placed(code: string, { message, at = [], hint, wantsText }: Misread, plain: PlainMap): Problem {
  const path = at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return {
    code,
    place: plain.placeOf(at),
    path: path.replace(/^\./, ''),
    message,
    hint: wantsText ? plain.inQuotes(at) : hint,
  }
}

const notAMap = ({ file }: InputDocument): Problem => ({
  code: 'wrong-type',
  place: { file, line: 1 },
  path: '',
  message: 'a migration is a map with id, title, reason, author and steps',
  hint: 'docs/migrations.md has examples.',
})

/** JSON Schema of the file, for editors. */
export async function definitionSchema(): Promise<object> {
  const { steps: _steps, ...head } = DEFINITION_SHAPE
  const whole = schemaOf(head) as { readonly properties: object; readonly required: readonly string[] }
  const kinds = []
  for (const id of STEP_KIND_IDS) {
    const { settings, title } = await loadStepKind(id)
    const step = withPlaceholders(schemaOf({ ...STEP_HEAD, ...settings })) as { readonly properties: object }
    kinds.push({ title, ...step, properties: { ...step.properties, kind: { const: id } } })
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Migration of ozgctl',
    ...whole,
    required: [...whole.required, 'steps'],
    properties: {
      ...whole.properties,
      steps: { description: STEPS.description, ...STEPS.schema, items: { anyOf: kinds } },
    },
  }
}

/** The same with placeholders allowed wherever a text has to look like something. */
function withPlaceholders(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withPlaceholders)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === 'pattern' && typeof value === 'string' ? `${value}|\\$\\{` : withPlaceholders(value),
    ]),
  )
}
