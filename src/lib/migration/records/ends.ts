import {
  address,
  no,
  type Setting,
  type SettingsShape,
  type SettingsValues,
} from '../../connector/settings.ts'
import { closest } from '../../text.ts'
import { isIn, realOf } from '../paths.ts'
import { accessSettings } from '../request.ts'
import { isMap, pathsIn, readShape, schemaOf } from '../settings.ts'
import type { Lookup } from '../template.ts'
import type { Work } from '../work.ts'
import { cmisSettings, cmisSource, cmisTarget } from './cmis.ts'
import { dvelopSettings, dvelopSource, dvelopTarget } from './dvelop.ts'
import { enaioSettings, enaioSource, enaioTarget } from './enaio.ts'
import { folderSettings, folderSource, folderTarget } from './folder.ts'
import { jsonSource, jsonSourceSettings } from './json-source.ts'
import { jsonTarget, jsonTargetSettings } from './json-target.ts'
import type { RecordSource, RecordTarget } from './model.ts'
import { textFileSettings, textSource, textTarget, textTargetSettings } from './text-files.ts'

/** What an end is opened with. */
export interface EndPlace {
  readonly work: Work
  /** Values for placeholders that are not about a record. */
  readonly lookup: Lookup
  /** Tells this transfer from every other, the same over all attempts. */
  readonly salt: string
}

interface End<Opened, Shape extends SettingsShape = SettingsShape> {
  readonly settings: Shape
  readonly open: (values: SettingsValues<Shape>, place: EndPlace) => Promise<Opened>
  /** Address or path of the whole collection, where it has one by which it can be told from others. */
  readonly at?: (values: SettingsValues<Shape>, work: Work) => string
}

/** Keeps the types of the settings beside what opens it. */
const end = <Opened, Shape extends SettingsShape>(one: End<Opened, Shape>): End<Opened> =>
  one as unknown as End<Opened>

/** Where a document system is, and as whom it is asked. */
const system = { url: address('Address of the system, as its connector has it.'), ...accessSettings }

/** Where records can come from, by kind. */
const SOURCES: Readonly<Record<string, End<RecordSource>>> = {
  'json-http': end({
    settings: jsonSourceSettings,
    at: ({ url }) => url.href,
    open: async (values, { work }) => jsonSource(values, await work.client(values)),
  }),
  file: end({
    settings: textFileSettings,
    at: ({ path }, work) => realOf(work.path(path)),
    open: async (values, { work }) => textSource(values, work.path(values.path)),
  }),
  folder: end({
    settings: folderSettings,
    at: ({ path }, work) => realOf(work.path(path)),
    open: async (values, { work }) => folderSource(values, work.path(values.path)),
  }),
  cmis: end({
    settings: { ...system, ...cmisSettings.source },
    open: async (values, { work }) => cmisSource(values, await work.client(values)),
  }),
  dvelop: end({
    settings: { ...system, ...dvelopSettings.source },
    open: async (values, { work }) => dvelopSource(values, await work.client(values)),
  }),
  enaio: end({
    settings: { ...system, ...enaioSettings.source },
    open: async (values, { work }) => enaioSource(values, await work.client(values)),
  }),
}

/** Where records can go to, by kind. */
const TARGETS: Readonly<Record<string, End<RecordTarget>>> = {
  'json-http': end({
    settings: jsonTargetSettings,
    at: ({ url }) => url.href,
    open: async (values, { work, lookup, salt }) =>
      jsonTarget(values, await work.client(values), lookup, salt),
  }),
  file: end({
    settings: textTargetSettings,
    at: ({ path }, work) => realOf(work.path(path)),
    open: async (values, { work }) => textTarget(values, work.path(values.path)),
  }),
  folder: end({
    settings: folderSettings,
    at: ({ path }, work) => realOf(work.path(path)),
    open: async (values, { work }) => folderTarget(values, work.path(values.path)),
  }),
  cmis: end({
    settings: { ...system, ...cmisSettings.target },
    open: async (values, { work }) => cmisTarget(values, await work.client(values)),
  }),
  dvelop: end({
    settings: { ...system, ...dvelopSettings.target },
    open: async (values, { work }) => dvelopTarget(values, await work.client(values)),
  }),
  enaio: end({
    settings: { ...system, ...enaioSettings.target },
    open: async (values, { work }) => enaioTarget(values, await work.client(values)),
  }),
}

/** An end as it is written, ready to be opened. */
export interface Opener<Opened> {
  readonly kind: string
  readonly open: (place: EndPlace) => Promise<Opened>
  /** Address or path of the whole collection; undefined where none tells it from others. */
  readonly at: (work: Work) => string | undefined
}

/** Whether both are one collection, or one folder lies in the other: then what is written is read again, and taking it back takes the source. */
export function isOnePlace(from: Opener<RecordSource>, to: Opener<RecordTarget>, work: Work): boolean {
  const [source, target] = [from.at(work), to.at(work)]
  if (from.kind !== to.kind || source === undefined || target === undefined) return false
  if (from.kind !== 'folder') return source === target
  return isIn(source, target) || isIn(target, source)
}

export const sourceSetting = (description: string): Setting<Opener<RecordSource>> =>
  endSetting(description, SOURCES)
export const targetSetting = (description: string): Setting<Opener<RecordTarget>> =>
  endSetting(description, TARGETS)

function endSetting<Opened>(
  description: string,
  ends: Readonly<Record<string, End<Opened>>>,
): Setting<Opener<Opened>> {
  const kinds = Object.keys(ends)
  const endOf = (value: unknown): End<Opened> | undefined =>
    isMap(value) && typeof value.kind === 'string' && Object.hasOwn(ends, value.kind)
      ? ends[value.kind]
      : undefined
  return {
    description,
    need: 'required',
    schema: {
      anyOf: Object.entries(ends).map(([kind, { settings }]) => {
        const schema = schemaOf(settings) as {
          readonly properties: object
          readonly required?: readonly string[]
        }
        return {
          ...schema,
          required: ['kind', ...(schema.required ?? [])],
          properties: { kind: { const: kind }, ...schema.properties },
        }
      }),
    },
    paths: (value) => pathsIn(endOf(value)?.settings ?? {}, value),
    read: (value) => {
      if (!isMap(value)) return no('must be a map of fields')
      const { kind, ...written } = value
      const found = endOf(value)
      if (found === undefined || typeof kind !== 'string') {
        const near = closest(String(kind), kinds)[0]
        return {
          ...no(
            `must be one of: ${kinds.join(', ')}`,
            near === undefined ? undefined : `Did you mean ${near}?`,
          ),
          at: ['kind'],
        }
      }
      const { values, problems } = readShape(found.settings, written)
      const [wrong] = problems
      if (wrong !== undefined) return wrong
      return {
        ok: true,
        value: {
          kind,
          open: (place) => found.open(values, place),
          at: (work) => found.at?.(values, work),
        },
      }
    },
  }
}
