import type { ConnectorSummary, LintFinding } from '../health/connectors.ts'
import type { Endpoint } from '../health/model.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import type { Column } from './table.ts'

const text = (de: string, en = de): Words => ({ de, en })

const summaryJson = ({ name, system, kind, url, credentials, endpoints, tenants }: ConnectorSummary) => ({
  name,
  system: system?.id ?? null,
  title: system?.title ?? null,
  kind,
  url,
  credentials,
  endpoints: endpoints.length,
  tenants,
})

/** `connector list --json`. */
export const connectorsJson = (connectors: readonly ConnectorSummary[]) => ({
  schemaVersion: 1,
  connectors: connectors.map(summaryJson),
})

export const connectorColumns: readonly Column<ConnectorSummary>[] = [
  { key: 'name', whole: true, title: text('Name', 'name'), value: ({ name }) => name },
  { key: 'system', title: text('System', 'system'), value: ({ system }) => system?.title ?? '–' },
  { key: 'kind', title: text('Art', 'kind'), value: ({ kind }) => kind },
  { key: 'url', title: text('Adresse', 'address'), value: ({ url }) => url },
  {
    key: 'credentials',
    rare: true,
    title: text('Zugang', 'credentials'),
    value: ({ credentials }) => credentials,
  },
  { key: 'endpoints', title: text('Endpunkte', 'endpoints'), value: ({ endpoints }) => endpoints.length },
  { key: 'tenants', title: text('Mandanten', 'tenants'), value: ({ tenants }) => tenants },
]

export function connectorsLine(connectors: readonly ConnectorSummary[], lang: Lang): string {
  const endpoints = connectors.reduce((sum, one) => sum + one.endpoints.length, 0)
  const bindings = connectors.reduce((sum, one) => sum + one.tenants, 0)
  const [a, b, c] =
    lang === 'de'
      ? ([
          ['Konnektor', 'Konnektoren'],
          ['Endpunkt', 'Endpunkte'],
          ['Bindung', 'Bindungen'],
        ] as const)
      : ([
          ['connector', 'connectors'],
          ['endpoint', 'endpoints'],
          ['binding', 'bindings'],
        ] as const)
  return `${counted(connectors.length, a, lang)}, ${counted(endpoints, b, lang)}, ${counted(bindings, c, lang)}
`
}

/** One connector with where it leads for whom. */
export interface ShownConnector extends ConnectorSummary {
  /** Settings as they are written, or as the system gives them. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** `connector show --json`. */
export const connectorJson = (connector: ShownConnector) => ({
  schemaVersion: 1,
  connector: {
    ...summaryJson(connector),
    settings: connector.settings,
    endpoints: connector.endpoints.map(({ id, url, tenants, affects }) => ({
      id,
      url,
      affects,
      tenants: tenants.map(({ ars }) => ars),
    })),
  },
})

export const endpointColumns: readonly Column<Endpoint>[] = [
  { key: 'id', csvOnly: true, title: text('Id', 'id'), value: ({ id }) => id },
  { key: 'url', whole: true, title: text('Adresse', 'address'), value: ({ url }) => url },
  { key: 'count', title: text('Mandanten', 'tenants'), value: ({ tenants }) => tenants.length },
  {
    key: 'tenants',
    title: text('für', 'for'),
    value: ({ tenants }) => tenants.map(({ name }) => name).join(', '),
  },
]

/** What is known of a connector, a line each. */
export function connectorText(
  { name, system, kind, url, credentials, settings }: ShownConnector,
  lang: Lang,
): string {
  const words =
    lang === 'de'
      ? { system: 'System', kind: 'Art', url: 'Adresse', credentials: 'Zugang' }
      : { system: 'System', kind: 'Kind', url: 'Address', credentials: 'Credentials' }
  const known = ['system', 'kind', 'url', 'credentials', 'name']
  const lines: readonly (readonly [string, string])[] = [
    ...(system === undefined ? [] : [[words.system, `${system.title} (${system.id})`] as const]),
    [words.kind, kind],
    [words.url, url],
    ...(credentials === null ? [] : [[words.credentials, credentials] as const]),
    ...Object.entries(settings)
      .filter(([field]) => !known.includes(field))
      .map(([field, value]) => [field, typeof value === 'string' ? value : JSON.stringify(value)] as const),
  ]
  const width = Math.max(...lines.map(([field]) => field.length))
  return [name, ...lines.map(([field, value]) => `  ${field.padEnd(width)}  ${value}`), ''].join('\n')
}

interface Explained {
  /** What is odd. */
  readonly message: Words
  readonly nextStep: Words
}

const LINT: Readonly<Record<LintFinding['code'], Explained>> = {
  'not-bound': {
    message: text('ist vereinbart und an keinen Mandanten gebunden', 'it is declared and bound to no tenant'),
    nextStep: text(
      'In connectors von Mandanten, defaults oder network nennen, oder streichen.',
      'Name it in connectors of tenants, defaults or network, or take it out.',
    ),
  },
  'status-only': {
    message: text(
      'gilt mit jeder Seite des richtigen Status als gesund, auch mit der Anmeldung eines Proxys',
      'it is healthy with any page of the right status, be it the log-in of a proxy',
    ),
    nextStep: text(
      'Eine Bedingung an json, text oder eine Kopfzeile ergänzen, die nur dieses System erfüllt.',
      'Add a condition on json, text or a header that only this system meets.',
    ),
  },
  'credentials-unprotected': {
    message: text(
      'seine Zugangsdaten gingen unverschlüsselt durchs Netz; sie werden nicht gesendet',
      'its credentials would go over the network without encryption; they are not sent',
    ),
    nextStep: text('https verwenden.', 'Use https.'),
  },
  'secret-in-address': {
    message: text(
      'seine Adresse scheint ein Geheimnis zu enthalten; sie wird angezeigt und verzeichnet',
      'its address seems to hold a secret; it is shown and recorded',
    ),
    nextStep: text(
      'Zugangsdaten mit credentials nennen und das Geheimnis sperren lassen.',
      'Name a profile in credentials, and have the secret revoked.',
    ),
  },
  'not-encrypted': {
    message: text('wird unverschlüsselt angesprochen', 'it is spoken to without encryption'),
    nextStep: text(
      'https verwenden, oder tls:// für andere Protokolle.',
      'Use https, or tls:// for other protocols.',
    ),
  },
}

/** `connector lint --json`. */
export const lintJson = (connectors: number, findings: readonly LintFinding[]) => ({
  schemaVersion: 1,
  met: findings.length === 0,
  connectors,
  findings: findings.map(({ code, connector }) => ({
    code,
    connector,
    message: LINT[code].message.en,
    nextStep: LINT[code].nextStep.en,
  })),
})

export const lintColumns = (lang: Lang): readonly Column<LintFinding>[] => [
  {
    key: 'connector',
    whole: true,
    title: text('Konnektor', 'connector'),
    value: ({ connector }) => connector,
  },
  { key: 'code', csvOnly: true, title: text('Code', 'code'), value: ({ code }) => code },
  {
    key: 'message',
    title: text('was auffällt', 'what is odd'),
    value: ({ code }) => LINT[code].message[lang],
  },
  {
    key: 'next_step',
    title: text('was zu tun ist', 'what to do'),
    value: ({ code }) => LINT[code].nextStep[lang],
  },
]

export function lintLine(connectors: number, findings: readonly LintFinding[], lang: Lang): string {
  const of = counted(
    connectors,
    lang === 'de' ? ['Konnektor', 'Konnektoren'] : ['connector', 'connectors'],
    lang,
  )
  if (findings.length === 0)
    return lang === 'de'
      ? `${of}, nichts auszusetzen
`
      : `${of}, nothing to complain about
`
  const found = counted(
    findings.length,
    lang === 'de' ? ['Befund', 'Befunde'] : ['finding', 'findings'],
    lang,
  )
  return `${of}, ${found}
`
}

const counted = (count: number, [one, many]: readonly [string, string], lang: Lang): string =>
  `${formatNumber(count, lang)} ${count === 1 ? one : many}`
