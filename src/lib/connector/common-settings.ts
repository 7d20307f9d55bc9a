import { SEVERITIES } from './model.ts'
import {
  address,
  choice,
  duration,
  type Misread,
  no,
  optional,
  type Reading,
  type Setting,
  type SettingsValues,
  text,
  texts,
} from './settings.ts'
import type { Affects } from './systems/model.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const DAY_MS = 86_400_000

/** Files and names for TLS, as they are written. */
export interface TlsSetting {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly pfx?: string
  /** Profile whose secret opens key or PKCS#12. */
  readonly passphrase?: string
  readonly serverName?: string
}

const TLS_FIELDS = {
  ca: 'File with authorities to trust besides the known ones, PEM.',
  cert: 'File with the certificate of the client and what is above it, PEM.',
  key: 'File with its key, PEM, readable by nobody else.',
  pfx: 'File with both, PKCS#12, readable by nobody else.',
  passphrase: 'Profile whose secret opens key or PKCS#12.',
  serverName: 'Name in the certificate of the server, where it is not the host of the address.',
} as const

function tlsSetting(description: string): Setting<TlsSetting> {
  return {
    description,
    need: 'required',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(TLS_FIELDS).map(([name, what]) => [
          name,
          { description: what, type: 'string', minLength: 1 },
        ]),
      ),
    },
    read: (value): Reading<TlsSetting> => {
      const wrong = wrongField(
        value,
        Object.keys(TLS_FIELDS),
        (inner) => typeof inner === 'string' && inner !== '',
      )
      if (wrong !== undefined) return wrong
      const fields = value as TlsSetting
      if ((fields.cert === undefined) !== (fields.key === undefined))
        return no('cert and key belong together')
      if (fields.cert !== undefined && fields.pfx !== undefined)
        return no('has both cert and pfx; one is enough')
      return { ok: true, value: fields }
    },
  }
}

interface Expiry {
  readonly warningMs: number
  readonly criticalMs: number
}

function expirySetting(description: string): Setting<Expiry> {
  const length = duration('')
  return {
    description,
    need: 'required',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        warning: { description: 'Time before the end that is a warning.', default: '30d', ...length.schema },
        critical: { description: 'Time before the end that is critical.', default: '7d', ...length.schema },
      },
    },
    read: (value): Reading<Expiry> => {
      const wrong = wrongField(value, ['warning', 'critical'], (inner) => length.read(inner).ok)
      if (wrong !== undefined) return wrong
      const { warning = '30d', critical = '7d' } = value as { warning?: string; critical?: string }
      const [warningMs, criticalMs] = [length.read(warning), length.read(critical)]
      if (!warningMs.ok || !criticalMs.ok) return no('must be lengths of time')
      return warningMs.value < criticalMs.value
        ? no('the warning comes after the critical time')
        : { ok: true, value: { warningMs: warningMs.value, criticalMs: criticalMs.value } }
    },
  }
}

function affectsSetting(description: string): Setting<Affects> {
  const keys = (pattern: string) => ({ type: 'array', items: { type: 'string', pattern } })
  return {
    description,
    need: 'required',
    schema: {
      anyOf: [
        { enum: ['all', 'none'] },
        {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: {
            ozg: { description: 'Ids of OZG-Leistungen, five digits.', ...keys('^[0-9]{5}$') },
            leistungen: { description: 'LeiKa keys, 14 digits.', ...keys('^99[0-9]{12}$') },
          },
        },
      ],
    },
    read: (value): Reading<Affects> => {
      if (value === 'all' || value === 'none') return { ok: true, value }
      const isKeys = (inner: unknown): inner is readonly string[] =>
        Array.isArray(inner) &&
        inner.every((key) => typeof key === 'string' && /^\d{5}$|^99\d{12}$/.test(key))
      const wrong = wrongField(value, ['ozg', 'leistungen'], isKeys)
      if (wrong !== undefined)
        return { ...wrong, hint: 'It is all, none, or a map with ozg and leistungen; keys in quotes.' }
      const { ozg = [], leistungen = [] } = value as {
        ozg?: readonly string[]
        leistungen?: readonly string[]
      }
      return { ok: true, value: { ozg: ozg.toSorted(), leistungen: leistungen.toSorted() } }
    },
  }
}

/** What is wrong with a map of a few fields that are all of one sort. */
function wrongField(
  value: unknown,
  known: readonly string[],
  isGood: (inner: unknown) => boolean,
): Misread | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return no(`must be a map with ${known.join(', ')}`)
  for (const [name, inner] of Object.entries(value)) {
    if (!known.includes(name))
      return { ...no('there is no such field', `There are: ${known.join(', ')}.`), at: [name] }
    if (!isGood(inner)) return { ...no('is not what belongs here'), at: [name] }
  }
  return undefined
}

/** Fields that every connector can have, whatever its kind. */
export const COMMON = {
  title: optional(text('As people read it.')),
  installed: optional(text('Version of the system as it is installed; migrations select tenants by it.')),
  credentials: optional(text('Profile whose credentials it uses; see ozgctl auth login.', LABEL)),
  tls: optional(tlsSetting('Own authorities, certificate of the client, name of the server.')),
  proxy: optional(address('Proxy that leads there.', ['http:'])),
  proxyCredentials: optional(text('Profile with the credentials for the proxy.', LABEL)),
  timeout: optional(duration('A check takes at most so long.'), 10_000),
  slow: optional(duration('A check that takes longer is a warning.')),
  severity: optional(choice('What it is when the connector does not serve.', SEVERITIES), 'critical'),
  certificate: optional(expirySetting('When certificates that end are told.'), {
    warningMs: 30 * DAY_MS,
    criticalMs: 7 * DAY_MS,
  }),
  redirects: optional(
    texts('Hosts besides its own that it may redirect to; credentials never go along.'),
    [],
  ),
  affects: optional(affectsSetting('Which services of a tenant do not work without it.')),
}
export type CommonValues = SettingsValues<typeof COMMON>
