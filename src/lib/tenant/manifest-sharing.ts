import type { Problem } from '../errors.ts'
import type { Fields, OneOrMore, Placed } from '../input/fields.ts'
import { parseLeikaKey } from '../leika/key.ts'
import type { Party, ServiceSelection, SharingRule } from '../portal/model.ts'
import { problemAt, readLabel, readRegion } from './manifest-values.ts'
import type { TenantRegions } from './regions.ts'

const RULE_FIELDS = ['name', 'from', 'to', 'direction', 'services', 'except'] as const
const SELECTION_FIELDS = ['leistungen', 'ozg', 'themenfelder'] as const
const EXCEPT_FIELDS = ['tenants', ...SELECTION_FIELDS] as const
const DIRECTIONS = ['one-way', 'both'] as const

/** The sharing rules of a manifest, and every key that they name, with its place. */
export interface ReadSharing {
  readonly rules: readonly SharingRule[]
  readonly named: readonly Placed<string>[]
}

/** Reads `sharing`; undefined where it is missing: then all members share everything with each other. */
export function readSharing(
  fields: Fields,
  regions: TenantRegions,
  problems: Problem[],
): ReadSharing | undefined {
  const maps = fields.maps('sharing', RULE_FIELDS, 'optional')
  if (maps === undefined) return undefined
  const reader = new SharingReader(regions, problems)
  return { rules: maps.map((map) => reader.rule(map)), named: reader.named }
}

class SharingReader {
  /** Register keys that rules name, as the register has them. */
  readonly named: Placed<string>[] = []
  readonly #regions: TenantRegions
  readonly #problems: Problem[]
  readonly #names = new Map<string, Placed<string>>()

  constructor(regions: TenantRegions, problems: Problem[]) {
    this.#regions = regions
    this.#problems = problems
  }

  rule(fields: Fields): SharingRule {
    const except = fields.map('except', EXCEPT_FIELDS, 'optional')
    return {
      name: this.#name(fields),
      from: this.#party(fields, 'from'),
      to: this.#party(fields, 'to'),
      direction: fields.choice('direction', DIRECTIONS) ?? 'one-way',
      services: this.#services(fields),
      except: {
        tenants: this.#keys(except?.oneOrMore('tenants', 'optional')),
        ...this.#selection(except),
      },
    }
  }

  #name(fields: Fields): string {
    const found = fields.text('name')
    const name = readLabel(found, this.#problems)
    const first = this.#names.get(name)
    if (found === undefined || name === '') return ''
    if (first === undefined) this.#names.set(name, found)
    else
      this.#problems.push(
        problemAt('duplicate-rule', found, `${name} is already at ${first.path} (line ${first.place.line})`),
      )
    return name
  }

  #party(fields: Fields, name: string): Party {
    const found = fields.oneOrMore(name, 'required')
    const [only] = found?.items ?? []
    if (found?.isList === false && (only?.value === 'anchor' || only?.value === 'members')) return only.value
    return this.#keys(found)
  }

  #keys(found: OneOrMore | undefined): readonly string[] {
    const keys = (found?.items ?? []).flatMap((item) => {
      const key = readRegion(item, this.#regions, this.#problems)
      if (key !== '') this.named.push({ ...item, value: key })
      return key === '' ? [] : [key]
    })
    return [...new Set(keys)].sort()
  }

  #services(fields: Fields): SharingRule['services'] {
    if (fields.isWord('services', 'all')) return 'all'
    const map = fields.map('services', SELECTION_FIELDS, 'required')
    const found = this.#problems.length
    const selection = this.#selection(map)
    const isFine = this.#problems.length === found
    if (map !== undefined && isFine && Object.values(selection).every((list) => list.length === 0))
      this.#problems.push({
        code: 'services-empty',
        place: map.place,
        path: map.path,
        message: 'names no service',
        hint: 'Write services: all, or lists of leistungen, ozg or themenfelder.',
      })
    return selection
  }

  #selection(fields: Fields | undefined): ServiceSelection {
    return {
      leistungen: this.#list(fields, 'leistungen', (item) => {
        const key = parseLeikaKey(item.value)
        if (key.ok) return key.value
        this.#problems.push(
          problemAt(
            'leika-key-invalid',
            item,
            `${JSON.stringify(item.value)} is no LeiKa key (${key.reason})`,
            'A LeiKa key has 14 digits and begins with 99. Find it: ozgctl catalog search TEXT',
          ),
        )
        return undefined
      }),
      ozg: this.#list(fields, 'ozg', (item) => {
        if (/^\d{5}$/.test(item.value)) return item.value
        this.#problems.push(
          problemAt(
            'ozg-id-invalid',
            item,
            `${JSON.stringify(item.value)} is no id of an OZG-Leistung`,
            'An id has five digits, like 10026.',
          ),
        )
        return undefined
      }),
      themenfelder: this.#list(fields, 'themenfelder', ({ value }) => value.trim()),
    }
  }

  #list(
    fields: Fields | undefined,
    name: string,
    read: (item: Placed<string>) => string | undefined,
  ): readonly string[] {
    const items = fields?.oneOrMore(name, 'optional')?.items ?? []
    return [...new Set(items.flatMap((item) => read(item) ?? []))].sort()
  }
}
