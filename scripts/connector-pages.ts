import { COMMON } from '../src/lib/connector/common-settings.ts'
import type { Kind } from '../src/lib/connector/kind.ts'
import { KIND_IDS, type KindId, loadKind } from '../src/lib/connector/kinds/index.ts'
import type { SettingsShape } from '../src/lib/connector/settings.ts'
import { SYSTEMS } from '../src/lib/connector/systems/index.ts'
import { type Affects, CATEGORIES, type Category, type System } from '../src/lib/connector/systems/model.ts'
import { cell, fence, table, text } from './markdown.ts'

/** What npm run reference writes about connectors: pages of kinds and systems, and the JSON Schema of a connector. */

const KINDS = new Map<KindId, Kind>()
for (const id of KIND_IDS) KINDS.set(id, await loadKind(id))

const kindOf = (id: KindId): Kind => {
  const kind = KINDS.get(id)
  if (kind === undefined) throw new Error(`no kind ${id}`)
  return kind
}

/** `docs/reference/kinds.md`. */
export function kindsPage(note: string): string {
  return [
    '# Kinds of connectors',
    note,
    'How a connector is asked, by the protocol that it speaks, and what a healthy answer is. A connector in a manifest names a',
    '[system](systems.md), which has a kind, or a kind itself. How to declare and check connectors: [health](../health.md).\n',
    '## Fields of every connector\n',
    settingsTable({ ...COMMON }),
    '',
    ...KIND_IDS.map((id) => kindSection(kindOf(id))),
  ].join('\n')
}

function kindSection(kind: Kind): string {
  const { id, title, schemes, credentials, source, healthy, settings, conditions } = kind
  const uses = { none: 'none are used', optional: 'used where they are given', required: 'needed' }[
    credentials
  ]
  return [
    `## ${id}\n`,
    `**${text(title)}.** ${text(healthy)}\n`,
    `Address: ${schemes.map((scheme) => `\`${scheme}//…\``).join(', ')}. Credentials: ${uses}. After: ${text(source)}.\n`,
    ...(Object.keys(settings).length === 0 ? [] : [settingsTable(settings), '']),
    table(
      ['condition', 'what is looked at'],
      Object.entries(conditions).map(([name, what]) => [`\`${name}\``, cell(what)]),
    ),
    '',
  ].join('\n')
}

function settingsTable(settings: SettingsShape): string {
  return table(
    ['field', 'need', 'default', 'meaning'],
    Object.entries(settings).map(([name, { need, schema, description }]) => {
      const fallback = 'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : ''
      return [`\`${name}\``, need, cell(fallback), cell(description)]
    }),
  )
}

const CATEGORY_TITLES: Readonly<Record<Category, string>> = {
  fachverfahren: 'Fachverfahren',
  finance: 'Finance',
  dms: 'Document management',
  'form-server': 'Form servers',
  payment: 'Payment',
  identity: 'Accounts',
  catalogue: 'Sources of the catalogue',
  transport: 'Transport',
  portal: 'Portal',
  module: 'Modules of the portal',
}

const EVIDENCE: Readonly<Record<System['evidence'], string>> = {
  standard: 'by a published standard',
  vendor: 'by a description of its vendor',
  observed: 'by the code or the notes of others who use it',
  none: 'not at all: nothing is public',
}

/** `docs/reference/systems.md`. */
export function systemsPage(note: string): string {
  return [
    '# Systems',
    note,
    'The systems that portals depend on, as ozgctl knows them: how each is asked, how well its interface is known, and which',
    'services do not work without it. `ozgctl connector systems` lists them. Where nothing is public, the entry says so and',
    'leaves the conditions to whoever runs the system.\n',
    ...CATEGORIES.flatMap((category) => [
      `## ${CATEGORY_TITLES[category]}\n`,
      ...SYSTEMS.filter((system) => system.category === category).map(systemSection),
    ]),
  ].join('\n')
}

function systemSection(system: System): string {
  const { id, title, vendor, kind, alternatives, evidence, sources, healthy, affects, remarks } = system
  const link = (name: string): string => `[${name}](kinds.md#${name})`
  return [
    `### ${text(title)}\n`,
    `\`${id}\`, ${text(vendor)}. Kind ${link(kind)}, or ${alternatives.map(link).join(', ')}.\n`,
    `Healthy: ${text(healthy)}\n`,
    `Its interface is known ${EVIDENCE[evidence]}. ${sources.map(text).join(' ')}\n`,
    `Without it ${affectedWords(affects)}.${remarks === '' ? '' : ` ${text(remarks)}`}\n`,
    fence(exampleOf(system), 'yaml'),
  ].join('\n')
}

function affectedWords(affects: Affects): string {
  if (affects === 'all') return 'no online service of the tenant works'
  if (affects === 'none') return 'no service counts as down'
  return `these OZG-Leistungen do not work: ${[...affects.ozg, ...affects.leistungen].join(', ')}`
}

/** What has to be written in a manifest. */
function exampleOf({ id, kind, defaults }: System): readonly string[] {
  const { settings, schemes, credentials } = kindOf(kind)
  const missing = Object.entries(settings).filter(
    ([name, { need }]) => need === 'required' && !(name in defaults),
  )
  const url = 'url' in defaults ? [] : [`    url: ${schemes[0]}//${id}.example.de/`]
  return [
    'connectors:',
    `  - name: ${id}`,
    `    system: ${id}`,
    ...url,
    ...(credentials === 'required' ? [`    credentials: ${id}`] : []),
    ...missing.map(([name]) => `    ${name}: ${JSON.stringify(EXAMPLES[name] ?? '…')}`),
  ]
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  conditions: [{ status: 200 }, { json: '$.status', equals: 'UP' }],
  entityId: 'https://idp.example.de/idp',
  mandant: 'B000004',
  bewirtschafter: 'BW100001',
}

/** `schemas/connector.json`. */
export function connectorSchema(): string {
  const label = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }
  const common = {
    name: { description: 'What reports call it; once in the manifests.', ...label },
    ...propertiesOf(COMMON),
  }
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'connector.json',
    title: 'A connector in a manifest',
    description:
      'Written by npm run reference; do not edit. {slug}, {ars}, {ags}, {host} and {name} stand for those of each tenant.',
    type: 'object',
    required: ['name'],
    anyOf: [has('system'), has('kind')],
    properties: {
      ...common,
      system: { description: 'System that it leads to.', enum: SYSTEMS.map(({ id }) => id) },
      kind: { description: 'How it is asked, where that is not the way of the system.', enum: KIND_IDS },
      url: { description: 'Where it is.', type: 'string', minLength: 1 },
    },
    allOf: KIND_IDS.map((id) => ({
      if: isOfKind(id),
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { type: 'object', properties: propertiesOf(kindOf(id).settings) },
    })),
    unevaluatedProperties: false,
    $defs: {
      own: {
        description: 'What a tenant has otherwise than it is declared, or for itself.',
        type: 'object',
        required: ['name'],
        properties: common,
      },
    },
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

const has = (name: string): object => ({ type: 'object', properties: { [name]: true }, required: [name] })

/** By its kind, or, where none is written, by that of its system. */
function isOfKind(id: KindId): object {
  const systems = SYSTEMS.filter(({ kind }) => kind === id).map((system) => system.id)
  const byKind = { type: 'object', required: ['kind'], properties: { kind: { const: id } } }
  if (systems.length === 0) return byKind
  const bySystem = {
    type: 'object',
    required: ['system'],
    properties: { system: { enum: systems } },
    not: has('kind'),
  }
  return { anyOf: [byKind, bySystem] }
}

function propertiesOf(settings: SettingsShape): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { schema, description }]) => [name, { description, ...schema }]),
  )
}
