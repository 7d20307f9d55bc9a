import { SaxesParser } from 'saxes'
import { isXzufi } from '../../input/xzufi.ts'
import { defineKind } from '../kind.ts'
import type { HttpReply } from '../probe/exchange.ts'
import { requireStatus, whatElse } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { duration, integer, optional, size, text } from '../settings.ts'

const MAX_DEPTH = 64

/** A source of transfers in XZuFi, such as the BUS of Lower Saxony. */
export const xzufi = defineKind({
  id: 'xzufi',
  title: 'Source of XZuFi transfers',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source:
    'XZuFi 2.2 and 2.3: namespaces, Leistung, nachrichtenkopf/erstelltDatumZeit; the name of the root is not fixed',
  healthy:
    'The address gives XML of XZuFi in the expected version with Leistungen in it, made not too long ago. Of a large transfer only the beginning is read.',
  settings: {
    version: optional(
      text('Version that is expected, e.g. 2.2.0; its beginning is enough.', /^\d(\.\d){0,2}$/),
    ),
    maxAge: optional(duration('The transfer may be so old.')),
    minRecords: optional(integer('So many Leistungen have to be in the part that is read.', 0, 1_000_000), 1),
    maxBody: optional(size('So much of it is read.'), 4_000_000),
  },
  conditions: {
    'transfer-status': 'The transfer is there.',
    xml: 'What was read of it is well-formed XML without DOCTYPE.',
    namespace: 'It is of XZuFi.',
    version: 'It has the version that is expected.',
    records: 'There are Leistungen in it.',
    age: 'It was made not too long ago.',
  },
  check: async (probe, { version, maxAge, minRecords, maxBody }) => {
    const reply = await probe.http('transfer', {
      url: probe.url,
      headers: {
        accept: 'application/xml, text/xml',
        'accept-encoding': 'identity',
        ...(await probe.basic()),
      },
      maxBytes: maxBody,
      cut: true,
    })
    requireStatus(probe, 'transfer', reply)
    const found = readTransfer(reply)
    probe.require('xml', {
      met: found.problem === undefined,
      expected: 'XML',
      seen: found.problem === undefined ? 'XML' : `${found.problem}; ${whatElse(reply)}`,
    })
    probe.require('namespace', {
      met: isXzufi(found.uri),
      expected: 'http://xoev.de/schemata/xzufi/…',
      seen: found.uri === '' ? `${found.root} without namespace` : found.uri,
    })
    expectVersion(probe, found, version)
    probe.expect('records', {
      met: found.records >= minRecords,
      expected: `at least ${minRecords} Leistungen`,
      seen: `${found.records}${reply.cut ? ` in the first ${Math.round(reply.body.length / 1000)} kB` : ''}`,
    })
    if (maxAge !== undefined) expectAge(probe, found.created, maxAge)
  },
})

interface Transfer {
  readonly root: string
  readonly uri: string
  readonly version: string | null
  readonly created: string | null
  readonly records: number
  readonly problem: string | undefined
}

function expectVersion(probe: Probe, { version, uri }: Transfer, wanted: string | undefined): void {
  if (wanted === undefined) return
  const inNamespace = uri.split('/').at(-1)?.replaceAll('_', '.') ?? ''
  const seen = version ?? inNamespace
  probe.expect('version', { met: `${seen}.`.startsWith(`${wanted}.`), expected: wanted, seen })
}

function expectAge(probe: Probe, created: string | null, maxAge: number): void {
  const time = created === null ? Number.NaN : Date.parse(created)
  const age = probe.now.getTime() - time
  probe.expect('age', {
    met: age <= maxAge,
    expected: `made in the last ${Math.round(maxAge / 3_600_000)} hours`,
    seen: created ?? 'no erstelltDatumZeit',
  })
}

/** Reads what there is; where it is cut, the end says nothing. */
function readTransfer({ body, cut }: HttpReply): Transfer {
  const parser = new SaxesParser({ xmlns: true })
  const found = {
    root: '',
    uri: '',
    version: null as string | null,
    created: null as string | null,
    records: 0,
  }
  const path: string[] = []
  let inCreated = false
  parser.on('doctype', () => {
    throw new Error('a DOCTYPE, which is refused')
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (path.length >= MAX_DEPTH) throw new Error(`elements more than ${MAX_DEPTH} deep`)
    if (path.length === 0) {
      found.root = local
      found.uri = uri
      found.version = attributes.xzufiVersion?.value ?? null
    }
    if (local === 'leistung' && isXzufi(uri)) found.records++
    inCreated = local === 'erstelltDatumZeit' && path.at(-1) === 'nachrichtenkopf'
    path.push(local)
  })
  parser.on('closetag', () => {
    path.pop()
    inCreated = false
  })
  parser.on('text', (part) => {
    if (inCreated) found.created = part.trim()
  })
  parser.on('error', (error) => {
    throw error
  })
  try {
    // Cut in the middle of a letter, the last bytes are none: `stream` leaves them out.
    parser.write(new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: cut }))
    if (!cut) parser.close()
    return { ...found, problem: undefined }
  } catch (error) {
    return { ...found, problem: error instanceof Error ? error.message : String(error) }
  }
}
