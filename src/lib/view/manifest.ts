import type { Region } from '../region/model.ts'
import type { Seed } from '../tenant/seed.ts'
import { formatNumber, type Lang } from './lang.ts'
import { neutralJson } from './neutral.ts'

/** `seed --json`; a manifest like any other. */
export function seedJson({ portal, network, defaults, tenants }: Seed) {
  return {
    schemaVersion: 1,
    portal,
    network,
    defaults,
    tenants: tenants.map(({ region, slug, name, hosts }) => ({ ars: region.key, slug, name, hosts })),
  }
}

const TEXTS = {
  de: {
    head: (snapshot: string) => [
      `Netzwerk aus dem Gemeindeverzeichnis (${snapshot}). Bitte durchsehen:`,
      '- Wer nicht teilnimmt: den Eintrag löschen.',
      '- slug steht in Adressen und ist im Portal einmalig.',
      '- hosts sind die Rechnernamen; der erste gilt, die anderen leiten dorthin um.',
      'Ansehen, was sich ändern würde: ozgctl tenant plan -f DIESE_DATEI',
    ],
    account: 'Das gemeinsame Konto. Es kennzeichnet das Netzwerk im Portal und bleibt, wie es ist.',
    defaults: 'Gilt für alle, die selbst nichts anderes sagen. Weitere Module: OR-DMS, OR-Finanz.',
    state: 'active oder suspended: bleibt gespeichert und wird nicht ausgeliefert',
    inhabitants: 'Einwohner',
  },
  en: {
    head: (snapshot: string) => [
      `A network made from the register (${snapshot}). Please review:`,
      '- Whoever does not take part: delete the entry.',
      '- slug is part of addresses and occurs once in the portal.',
      '- hosts are host names; the first is the main one, the others redirect to it.',
      'See what would change: ozgctl tenant plan -f THIS_FILE',
    ],
    account: 'The shared account. It tells the network from others in the portal and stays as it is.',
    defaults: 'For all that say nothing else themselves. More modules: OR-DMS, OR-Finanz.',
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
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    ...texts.head(snapshot).map((line) => `# ${line}`),
    'schemaVersion: 1',
    `portal: ${yamlText(portal)}`,
    '',
    'network:',
    `  # ${texts.account}`,
    `  account: ${yamlText(network.account)}`,
    `  name: ${yamlText(network.name)}`,
    `  anchor: ${yamlText(network.anchor)}`,
    '',
    `# ${texts.defaults}`,
    'defaults:',
    `  modules: ${yamlList(defaults.modules)}`,
    `  state: ${defaults.state} # ${texts.state}`,
    '',
    `tenants:${tenants.length === 0 ? ' []' : ''}`,
    ...tenants.flatMap(({ region, slug, name, hosts }) => [
      `  # ${describe(region, texts.inhabitants, lang)}`,
      `  - ars: ${yamlText(region.key)}`,
      `    slug: ${yamlText(slug)}`,
      `    name: ${yamlText(name)}`,
      `    hosts: ${yamlList(hosts)}`,
    ]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** What tells a region from its namesakes. A comment ends with its line, so controls must not get into it. */
function describe({ name, type, inhabitants }: Region, word: string, lang: Lang): string {
  const people = inhabitants === null ? [] : [`${formatNumber(inhabitants, lang)} ${word}`]
  const facts = [...(type === null ? [] : [type]), ...people].join(', ')
  return `${name}${facts === '' ? '' : ` (${facts})`}`.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
}

const RESERVED = /^(true|false|null|yes|no|on|off)$/i

/** A text as it can stand in YAML 1.1 and 1.2: plain where it looks like a name, else in double quotes. */
export function yamlText(text: string): string {
  // Two letters first: there are readers of YAML 1.1 that take E0 for a number and y for true.
  const plain = /^\p{L}{2}[\p{L}\p{N}.()/-]*( [\p{L}\p{N}.()/-]+)*$/u.test(text) && !RESERVED.test(text)
  return plain ? text : neutralJson(JSON.stringify(text))
}

const yamlList = (texts: readonly string[]): string => `[${texts.map(yamlText).join(', ')}]`
