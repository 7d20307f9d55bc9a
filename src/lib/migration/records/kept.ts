import type { RecordSource, RecordTarget } from './model.ts'

/** A source whose records are as a target can keep them: what it cannot is neither written nor held against it. */
export const asKept = (source: RecordSource, { keeps }: Pick<RecordTarget, 'keeps'>): RecordSource =>
  keeps === undefined
    ? source
    : {
        page: async (cursor, signal) => {
          const page = await source.page(cursor, signal)
          return { ...page, records: page.records.map(keeps) }
        },
        close: () => source.close(),
      }
