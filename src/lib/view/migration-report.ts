import type { MigrationStatus, StepStatus, TenantStatus } from '../migration/status.ts'
import { formatNumber, formatTime, type Lang, type Words } from './lang.ts'
import { presentStep, TENANT_STATES, wavesOfStatus } from './migration-status.ts'
import { differencesTable, transfersTable } from './migration-transfers.ts'
import { neutralHtml, neutralMarkdown } from './neutral.ts'
import { RUN_STATES } from './run.ts'

/** A change record as parts that both formats say alike. */
interface Section {
  readonly title: string
  readonly facts?: readonly (readonly [string, string])[]
  readonly table?: Table
}

interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const word = (lang: Lang, de: string, en: string): string => ({ de, en })[lang]

function sectionsOf(status: MigrationStatus, lang: Lang): readonly Section[] {
  const { run, options, approvals, rollbacks } = status
  const { document } = options
  const text = (name: string): string => String(document[name] ?? '')
  const facts: [string, string][] = [
    [word(lang, 'Migration', 'Migration'), options.migration],
    [word(lang, 'Titel', 'Title'), text('title')],
    [word(lang, 'Grund', 'Reason'), text('reason')],
    [word(lang, 'Verfasst von', 'Written by'), text('author')],
    [word(lang, 'Prüfsumme (SHA-256)', 'Hash (SHA-256)'), options.hash],
    [
      word(lang, 'Lauf', 'Run'),
      options.of === null
        ? run.id
        : `${run.id} (${word(lang, 'Rücknahme von', 'rollback of')} run-${options.of})`,
    ],
    [
      word(lang, 'Zustand', 'State'),
      [RUN_STATES[run.state][lang], ...(run.reason === null ? [] : [run.reason])].join(': '),
    ],
    [word(lang, 'Begonnen', 'Begun'), `${formatTime(run.startedAt)} UTC, ${run.actor}@${run.host}`],
    [word(lang, 'Beendet', 'Ended'), run.endedAt === null ? '–' : `${formatTime(run.endedAt)} UTC`],
    [word(lang, 'Portal', 'Portal'), options.portal],
    [word(lang, 'Befehl', 'Command'), run.command],
    ...(options.atLeastOnce
      ? ([
          [
            word(lang, 'Achtung', 'Mind'),
            word(
              lang,
              'mit --at-least-once: Ziele können Datensätze doppelt haben',
              'with --at-least-once: targets may have records twice',
            ),
          ],
        ] as [string, string][])
      : []),
    ...approvals.map(({ step, actor, host, at }): [string, string] => [
      word(lang, 'Gebilligt', 'Approved'),
      `${step}: ${actor}@${host}, ${formatTime(at)} UTC`,
    ]),
    ...rollbacks.map(({ id, state }): [string, string] => [
      word(lang, 'Zurückgenommen durch', 'Taken back by'),
      `${id} (${RUN_STATES[state][lang]})`,
    ]),
  ]
  return [
    { title: word(lang, 'Änderung', 'Change'), facts },
    { title: word(lang, 'Wellen', 'Waves'), table: wavesTable(status, lang) },
    ...(status.causes.length === 0
      ? []
      : [
          { title: word(lang, 'Fehler nach Ursache', 'Failures by cause'), table: causesTable(status, lang) },
        ]),
    { title: word(lang, 'Mandanten', 'Tenants'), table: tenantsTable(status, lang) },
    ...(status.transfers.length === 0
      ? []
      : [
          {
            title: word(lang, 'Übertragungen', 'Transfers'),
            table: transfersTable(status.transfers, lang),
          },
        ]),
    ...(status.transfers.every(({ reconciliation }) => (reconciliation?.samples ?? []).length === 0)
      ? []
      : [
          {
            title: word(lang, 'Abweichungen', 'Differences'),
            table: differencesTable(status.transfers, lang),
          },
        ]),
    ...(status.transfers.every(({ quarantine }) => quarantine.length === 0)
      ? []
      : [{ title: word(lang, 'Beiseitegelegt', 'Set aside'), table: quarantineTable(status, lang) }]),
  ]
}

function wavesTable(status: MigrationStatus, lang: Lang): Table {
  const states = Object.keys(TENANT_STATES) as (keyof typeof TENANT_STATES)[]
  return {
    head: [
      word(lang, 'Welle', 'Wave'),
      word(lang, 'Mandanten', 'Tenants'),
      ...states.map((state) => TENANT_STATES[state][lang]),
    ],
    rows: wavesOfStatus(status).map((wave) => [
      String(wave.wave),
      formatNumber(wave.tenants, lang),
      ...states.map((state) => formatNumber(wave[state], lang)),
    ]),
  }
}

const causesTable = ({ causes }: MigrationStatus, lang: Lang): Table => ({
  head: [word(lang, 'Schritt', 'Step'), word(lang, 'Grund', 'Reason'), word(lang, 'Mandanten', 'Tenants')],
  rows: causes.map(({ step, reason, tenants }) => [step, reason, tenants.join(', ')]),
})

function tenantsTable({ tenants }: MigrationStatus, lang: Lang): Table {
  return {
    head: [
      word(lang, 'Welle', 'Wave'),
      word(lang, 'Schlüssel', 'Key'),
      word(lang, 'Mandant', 'Tenant'),
      word(lang, 'Zustand', 'State'),
      word(lang, 'Schritte', 'Steps'),
      word(lang, 'von', 'from'),
      word(lang, 'Dauer', 'Duration'),
      word(lang, 'Anmerkung', 'Remark'),
    ],
    rows: tenants.map((tenant) => [
      String(tenant.wave),
      tenant.ars,
      tenant.name,
      TENANT_STATES[tenant.state][lang],
      tenant.steps.map(({ step, state }) => `${step}: ${STEP_STATES[state][lang]}`).join(', '),
      beganAt(tenant),
      durationOf(tenant, lang),
      presentStep(tenant)?.reason ?? '',
    ]),
  }
}

const STEP_STATES: Readonly<Record<StepStatus['state'], Words>> = {
  pending: { de: 'offen', en: 'open' },
  running: { de: 'in Arbeit', en: 'in hand' },
  unknown: { de: 'ungewiss', en: 'unknown' },
  done: { de: 'erledigt', en: 'done' },
  already: { de: 'war schon so', en: 'was so already' },
  failed: { de: 'fehlgeschlagen', en: 'failed' },
  cancelled: { de: 'nicht getan', en: 'not done' },
  undone: { de: 'zurückgenommen', en: 'taken back' },
}

const firstStart = ({ steps }: TenantStatus): string | undefined =>
  steps.flatMap(({ startedAt }) => startedAt ?? []).sort()[0]

function beganAt(tenant: TenantStatus): string {
  const from = firstStart(tenant)
  return from === undefined ? '–' : `${formatTime(from)} UTC`
}

/** From the first begin of a step to the last end, as they were written down; of one that is not over yet there is none. */
function durationOf(tenant: TenantStatus, lang: Lang): string {
  const from = firstStart(tenant)
  if (from === undefined || tenant.state === 'open') return '–'
  const begun = tenant.steps.filter(({ startedAt }) => startedAt !== null)
  const ends = begun.flatMap(({ endedAt }) => endedAt ?? []).sort()
  const seconds = (Date.parse(ends.at(-1) ?? '') - Date.parse(from)) / 1000
  // A process may have died without a word, and clocks may have been set back.
  if (ends.length < begun.length || !(seconds >= 0)) return word(lang, 'nicht gemessen', 'not measured')
  const text = seconds.toFixed(seconds < 10 ? 1 : 0)
  return `${lang === 'de' ? text.replace('.', ',') : text} s`
}

const quarantineTable = ({ transfers }: MigrationStatus, lang: Lang): Table => ({
  head: [word(lang, 'Mandant', 'Tenant'), word(lang, 'Datensatz', 'Record'), word(lang, 'Grund', 'Reason')],
  rows: transfers.flatMap(({ name, quarantine }) => quarantine.map(({ key, reason }) => [name, key, reason])),
})

/** The change record in Markdown. */
export function reportMarkdown(status: MigrationStatus, lang: Lang): string {
  const cell = neutralMarkdown
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`
  const parts = sectionsOf(status, lang).map(({ title, facts, table }) => {
    const list = (facts ?? []).map(([name, value]) => `- **${cell(name)}:** ${cell(value)}\n`).join('')
    const lines =
      table === undefined
        ? ''
        : `${row(table.head)}|${table.head.map(() => ' --- |').join('')}\n${table.rows.map(row).join('')}`
    return `## ${cell(title)}\n\n${list}${lines}`
  })
  return `# ${cell(headline(status, lang))}\n\n${parts.join('\n')}`
}

const headline = ({ options, run }: MigrationStatus, lang: Lang): string =>
  `${word(lang, 'Änderungsnachweis', 'Change record')} ${options.migration}, ${run.id}`

/** The same as a page of its own: no scripts, nothing from outside. */
export function reportHtml(status: MigrationStatus, lang: Lang): string {
  const cell = neutralHtml
  const parts = sectionsOf(status, lang).map(({ title, facts, table }) => {
    const list =
      facts === undefined
        ? ''
        : `<dl>\n${facts.map(([name, value]) => `<dt>${cell(name)}</dt><dd>${cell(value)}</dd>\n`).join('')}</dl>\n`
    const head = table?.head.map((name) => `<th scope="col">${cell(name)}</th>`).join('') ?? ''
    const rows =
      table?.rows
        .map((one) => `<tr>${one.map((value) => `<td>${cell(value)}</td>`).join('')}</tr>\n`)
        .join('') ?? ''
    const grid =
      table === undefined
        ? ''
        : `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows}</tbody>\n</table>\n`
    return `<section>\n<h2>${cell(title)}</h2>\n${list}${grid}</section>\n`
  })
  const title = cell(headline(status, lang))
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${parts.join('')}</body>
</html>
`
}

const STYLE =
  'body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%}th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}' +
  'th{background:#eee}dt{font-weight:bold}dd{margin:0 0 .25rem 1.5rem;overflow-wrap:anywhere}' +
  '@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}'
