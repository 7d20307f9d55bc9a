import type { Contact, Network, Party, SharingRule, Tenant } from '../portal/model.ts'
import type { Region } from '../region/model.ts'
import type { NetworkExport } from '../tenant/export.ts'
import type { Seed } from '../tenant/seed.ts'
import { formatNumber, type Lang } from './lang.ts'
import { neutralJson } from './neutral.ts'

/** `seed --json`; a manifest like any other. */
export function seedJson({ portal, network, defaults, tenants }: Seed) {
  return {
    schemaVersion: 1,
    portal,
    ...networkJson(network),
    defaults,
    tenants: tenants.map(({ region, slug, name, hosts }) => ({ ars: region.key, slug, name, hosts })),
  }
}

/** `export --json`; a manifest like any other. */
export function exportJson({ portal, network, defaults, tenants }: NetworkExport) {
  return {
    schemaVersion: 1,
    portal,
    ...networkJson(network),
    defaults,
    tenants: tenants.map((tenant) => Object.fromEntries(tenantEntries(tenant, defaults))),
  }
}

function networkJson({ account, name, anchor, sharing }: Network) {
  return { network: { account, name, anchor }, ...(sharing === null ? {} : { sharing }) }
}

const TEXTS = {
  de: {
    seed: (snapshot: string) => [
      `Netzwerk aus dem Gemeindeverzeichnis (${snapshot}). Bitte durchsehen:`,
      '- Wer nicht teilnimmt: den Eintrag löschen.',
      '- slug steht in Adressen und ist im Portal einmalig.',
      '- hosts sind die Rechnernamen; der erste gilt, die anderen leiten dorthin um.',
      'Ansehen, was sich ändern würde: ozgctl tenant plan -f DIESE_DATEI',
    ],
    export: (portal: string) => [`Netzwerk, wie es im Portal ${portal} ist.`],
    account: 'Das gemeinsame Konto. Es kennzeichnet das Netzwerk im Portal und bleibt, wie es ist.',
    sharing: [
      'Wessen Leistungen wo erscheinen. Ohne Regeln: die aller Mitglieder mit OR-Connect bei allen.',
      'sharing:',
      '  - name: kreis-an-alle',
      '    from: anchor # anchor, members oder Schlüssel',
      '    to: members',
      '    services: all # oder leistungen, ozg, themenfelder mit Listen',
    ],
    defaults: 'Gilt für alle, die selbst nichts anderes sagen. Weitere Module: OR-DMS, OR-Finanz.',
    more: [
      'Je Mandant oder hier für alle:',
      'connectors: [dms-nord]',
      'contact: {name: Bürgerservice, email: buergerservice@example.de, phone: "+49 541 0"}',
      'imprintUrl: https://www.example.de/impressum',
      'privacyUrl: https://www.example.de/datenschutz',
      'accessibilityUrl: https://www.example.de/barrierefreiheit',
    ],
    state: 'active oder suspended: bleibt gespeichert und wird nicht ausgeliefert',
    inhabitants: 'Einwohner',
  },
  en: {
    seed: (snapshot: string) => [
      `A network made from the register (${snapshot}). Please review:`,
      '- Whoever does not take part: delete the entry.',
      '- slug is part of addresses and occurs once in the portal.',
      '- hosts are host names; the first is the main one, the others redirect to it.',
      'See what would change: ozgctl tenant plan -f THIS_FILE',
    ],
    export: (portal: string) => [`A network as it is in the portal ${portal}.`],
    account: 'The shared account. It tells the network from others in the portal and stays as it is.',
    sharing: [
      'Whose services are shown where. Without rules: those of all members with OR-Connect to all of them.',
      'sharing:',
      '  - name: county-to-all',
      '    from: anchor # anchor, members or keys',
      '    to: members',
      '    services: all # or leistungen, ozg, themenfelder with lists',
    ],
    defaults: 'For all that say nothing else themselves. More modules: OR-DMS, OR-Finanz.',
    more: [
      'For a tenant, or here for all:',
      'connectors: [dms-north]',
      'contact: {name: Town hall, email: service@example.de, phone: "+49 541 0"}',
      'imprintUrl: https://www.example.de/imprint',
      'privacyUrl: https://www.example.de/privacy',
      'accessibilityUrl: https://www.example.de/accessibility',
    ],
    state: 'active, or suspended: kept but not served',
    inhabitants: 'inhabitants',
  },
} as const

/**
 * A seed as YAML with comments for whoever reviews it.
 * @param schema path or address of `network.json`, for completion in editors
 */
export function seedYaml(seed: Seed, snapshot: string, schema: string, lang: Lang): string {
  const { portal, network, defaults, tenants } = seed
  const texts = TEXTS[lang]
  return toText([
    ...headLines(schema, texts.seed(snapshot), portal),
    ...networkLines(network, [`  # ${texts.account}`]),
    '',
    ...texts.sharing.map((line) => `# ${line}`),
    '',
    `# ${texts.defaults}`,
    'defaults:',
    `  modules: ${yamlList(defaults.modules)}`,
    `  state: ${defaults.state} # ${texts.state}`,
    ...texts.more.map((line) => `  # ${line}`),
    '',
    `tenants:${tenants.length === 0 ? ' []' : ''}`,
    ...tenants.flatMap(({ region, slug, name, hosts }) => [
      `  # ${describe(region, texts.inhabitants, lang)}`,
      ...entryLines([
        ['ars', region.key],
        ['slug', slug],
        ['name', name],
        ['hosts', hosts],
      ]),
    ]),
  ])
}

/** A network of a portal as YAML: applied again, it changes nothing. */
export function exportYaml(exported: NetworkExport, schema: string, lang: Lang): string {
  const { portal, network, defaults, tenants } = exported
  return toText([
    ...headLines(schema, TEXTS[lang].export(portal), portal),
    ...networkLines(network, []),
    ...(network.sharing === null ? [] : ['', ...sharingLines(network.sharing)]),
    '',
    'defaults:',
    `  modules: ${yamlList(defaults.modules)}`,
    `  state: ${defaults.state}`,
    '',
    `tenants:${tenants.length === 0 ? ' []' : ''}`,
    ...tenants.flatMap((tenant) => entryLines(tenantEntries(tenant, defaults))),
  ])
}

const toText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

function headLines(schema: string, remarks: readonly string[], portal: string): readonly string[] {
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    ...remarks.map((line) => `# ${oneLine(line)}`),
    'schemaVersion: 1',
    `portal: ${yamlText(portal)}`,
    '',
  ]
}

const networkLines = ({ account, name, anchor }: Network, remarks: readonly string[]): readonly string[] => [
  'network:',
  ...remarks,
  `  account: ${yamlText(account)}`,
  `  name: ${yamlText(name)}`,
  `  anchor: ${yamlText(anchor)}`,
]

/** A field of a tenant, with texts, lists of them, or a map. */
type Entry = readonly [string, string | readonly Item[] | Readonly<Record<string, string>>]
/** A text, or a connector with its settings. */
type Item = string | Readonly<Record<string, unknown>>

/** What a tenant says itself: what it must, and what is other than the default. */
function tenantEntries(tenant: Tenant, defaults: NetworkExport['defaults']): readonly Entry[] {
  const { ars, slug, name, hosts, modules, contact, state } = tenant
  const urls = ['imprintUrl', 'privacyUrl', 'accessibilityUrl'] as const
  return [
    ['ars', ars],
    ['slug', slug],
    ['name', name],
    ...(hosts.length > 0 ? [['hosts', hosts] as const] : []),
    ...(isEqual(modules, defaults.modules) ? [] : [['modules', modules] as const]),
    ...connectorEntries(tenant),
    ...(contact === null ? [] : [['contact', contactEntry(contact)] as const]),
    ...urls.flatMap((field): readonly Entry[] => (tenant[field] === null ? [] : [[field, tenant[field]]])),
    ...(state === defaults.state ? [] : [['state', state] as const]),
  ]
}

/** Names of its connectors; what it has otherwise stands with its settings. */
function connectorEntries({ connectors, connectorSettings = {} }: Tenant): readonly Entry[] {
  const names = [...new Set([...connectors, ...Object.keys(connectorSettings)])].sort()
  const items = names.map((name): Item => {
    const settings = connectorSettings[name]
    return settings === undefined ? name : { name, ...settings }
  })
  return items.length === 0 ? [] : [['connectors', items]]
}

const contactEntry = ({ name, email, phone }: Contact): Readonly<Record<string, string>> => ({
  name,
  email,
  ...(phone === null ? {} : { phone }),
})

const isEqual = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

const entryLines = (entries: readonly Entry[]): readonly string[] =>
  entries.map(([field, value], at) => `${at === 0 ? '  - ' : '    '}${field}: ${yamlValue(value)}`)

function yamlValue(value: Entry[1]): string {
  if (typeof value === 'string') return yamlText(value)
  if (isList(value)) return `[${value.map(itemText).join(', ')}]`
  const fields = Object.entries(value).map(([name, text]) => `${name}: ${yamlText(text)}`)
  return `{${fields.join(', ')}}`
}

const isList = (value: Entry[1]): value is readonly Item[] => Array.isArray(value)

/** JSON is YAML, too. */
const itemText = (item: Item): string =>
  typeof item === 'string' ? yamlText(item) : neutralJson(JSON.stringify(item))

function sharingLines(rules: readonly SharingRule[]): readonly string[] {
  if (rules.length === 0) return ['sharing: []']
  return ['sharing:', ...rules.flatMap(ruleLines)]
}

function ruleLines({ name, from, to, direction, services, except }: SharingRule): readonly string[] {
  const exceptions = selectionFields({ ...except }, ['tenants', 'leistungen', 'ozg', 'themenfelder'])
  return [
    `  - name: ${yamlText(name)}`,
    `    from: ${partyText(from)}`,
    `    to: ${partyText(to)}`,
    ...(direction === 'one-way' ? [] : [`    direction: ${direction}`]),
    `    services: ${services === 'all' ? 'all' : `{${selectionFields({ ...services }, ['leistungen', 'ozg', 'themenfelder'])}}`}`,
    ...(exceptions === '' ? [] : [`    except: {${exceptions}}`]),
  ]
}

const partyText = (party: Party): string => (typeof party === 'string' ? party : yamlList(party))

const selectionFields = (
  selection: Readonly<Record<string, readonly string[]>>,
  fields: readonly string[],
): string =>
  fields
    .flatMap((field) => {
      const list = selection[field] ?? []
      return list.length === 0 ? [] : [`${field}: ${yamlList(list)}`]
    })
    .join(', ')

/** What tells a region from its namesakes. */
function describe({ name, type, inhabitants }: Region, word: string, lang: Lang): string {
  const people = inhabitants === null ? [] : [`${formatNumber(inhabitants, lang)} ${word}`]
  const facts = [...(type === null ? [] : [type]), ...people].join(', ')
  return oneLine(`${name}${facts === '' ? '' : ` (${facts})`}`)
}

/** A comment ends with its line, so controls must not get into it. */
const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')

const RESERVED = /^(true|false|null|yes|no|on|off)$/i

/** A text as it can stand in YAML 1.1 and 1.2: plain where it looks like a name, else in double quotes. */
export function yamlText(text: string): string {
  // Two letters first: there are readers of YAML 1.1 that take E0 for a number and y for true.
  const plain = /^\p{L}{2}[\p{L}\p{N}.()/-]*( [\p{L}\p{N}.()/-]+)*$/u.test(text) && !RESERVED.test(text)
  return plain ? text : neutralJson(JSON.stringify(text))
}

const yamlList = (texts: readonly string[]): string => `[${texts.map(yamlText).join(', ')}]`
