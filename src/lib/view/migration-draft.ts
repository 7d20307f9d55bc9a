import type { Draft } from '../migration/new.ts'
import { neutralTerminal } from './neutral.ts'

/** A migration that is yet to be reviewed, as YAML with remarks. Names from outside never leave their line. */
export function draftYaml(draft: Draft, schema: string): string {
  const { id, portal, author, regions, leistungen } = draft
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '# Written by "ozgctl migration new". Read it, change it, and have somebody else read it before it runs.',
    'schemaVersion: 1',
    `id: ${id}`,
    `title: ${quoted(titleOf(draft))}`,
    `reason: ${quoted(`Changes between ${[regions, leistungen].flatMap((one) => (one === undefined ? [] : [`${one.from} and ${one.to}`])).join(', ')}`)}`,
    `author: ${quoted(author)}`,
    `portal: ${portal}`,
    ...selectLines(draft),
    'waves: { canary: 1, sizes: ["100%"], pause: true }',
    'budget: 0',
    'steps:',
    // First the keys of Leistungen: afterwards the offers of a tenant stand under another region.
    ...remapLines(leistungen),
    ...rekeyLines(regions),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

const titleOf = ({ regions, leistungen }: Draft): string =>
  [
    ...(regions === undefined ? [] : [`New keys of ${regions.tenants.length} tenants`]),
    ...(leistungen === undefined ? [] : [`${leistungen.certain.length} superseded LeiKa keys`]),
  ].join('; ')

/** Only tenants that get another key, where that is all there is to do. */
function selectLines({ regions, leistungen }: Draft): readonly string[] {
  if (leistungen !== undefined || regions === undefined) return []
  return ['select:', `  keys: [${regions.tenants.map(({ from }) => quoted(from.key)).join(', ')}]`]
}

function rekeyLines(regions: Draft['regions']): readonly string[] {
  if (regions === undefined) return []
  const { tenants, others, dissolved } = regions
  const remarks = [
    ...(others === 0 ? [] : [`  # ${others} other regions changed their keys and are no tenants here.`]),
    ...dissolved.map(
      ({ key, name }) =>
        `  # Gone without a successor that can be told; decide what becomes of it: ${key} ${remark(name)}`,
    ),
  ]
  if (tenants.length === 0) return [...remarks, '  # No tenant gets another key.']
  return [
    ...remarks,
    '  - id: rekey',
    '    kind: tenant.rekey',
    '    keys:',
    ...tenants.map(({ from, to }) => `      ${quoted(from.key)}: ${quoted(to.key)} # ${remark(from.name)}`),
  ]
}

function remapLines(leistungen: Draft['leistungen']): readonly string[] {
  if (leistungen === undefined) return []
  const { certain, undecided } = leistungen
  const open = undecided.flatMap(({ from, candidates }) => [
    `      # ${quoted(from.key)}: # ${remark(from.name)}`,
    ...candidates.map(({ key, name }) => `      #   perhaps ${quoted(key)} ${remark(name)}`),
    ...(candidates.length === 0 ? ['      #   nothing like it: it may be dropped'] : []),
  ])
  if (certain.length === 0)
    return [
      '  # No superseded key has a successor that is certain. A person has to decide:',
      '  # - id: remap',
      '  #   kind: leistung.remap',
      '  #   keys:',
      ...open,
    ]
  return [
    '  - id: remap',
    '    kind: leistung.remap',
    '    keys:',
    ...certain.map(
      ({ from, to, evidence }) =>
        `      ${quoted(from.key)}: ${quoted(to.key)} # ${EVIDENCE[evidence]}: ${remark(to.name)}`,
    ),
    ...(open.length === 0 ? [] : ['      # Gone, and a person has to decide:', ...open]),
  ]
}

const EVIDENCE = {
  'same-name': 'same name',
  'same-leistung': 'same Leistung and Verrichtung',
} as const

const quoted = (text: string): string => JSON.stringify(text)
const remark = (text: string): string => neutralTerminal(text.replace(/\s+/g, ' ')).slice(0, 100)

/** `migration new --json`. */
export const draftJson = ({ id, portal, regions, leistungen }: Draft) => ({
  schemaVersion: 1,
  id,
  portal,
  regions: regions ?? null,
  leistungen: leistungen ?? null,
})
