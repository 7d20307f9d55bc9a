import type { Context } from '../context.ts'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { writeAudit } from '../journal/audit.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import type { Definition } from './definition.ts'
import { type Difference, differencesOf } from './hash.ts'
import type { JsonObject } from './records/model.ts'

/** A migration as it was when it first ran, or was repaired last. */
export interface Frozen {
  readonly id: string
  readonly hash: string
  readonly document: JsonObject
  /** ISO 8601, UTC. */
  readonly at: string
  readonly by: string
}

export function frozenOf(store: Store, id: string): Frozen | undefined {
  const row = store.db.prepare('SELECT * FROM migration WHERE id = ?').get(id)
  return row === undefined ? undefined : toFrozen(row)
}

export const allFrozen = (store: Store): readonly Frozen[] =>
  store.db.prepare('SELECT * FROM migration ORDER BY frozen_at, id').all().map(toFrozen)

const toFrozen = (row: Readonly<Record<string, unknown>>): Frozen => ({
  id: String(row.id),
  hash: String(row.hash),
  document: JSON.parse(String(row.document)) as JsonObject,
  at: String(row.frozen_at),
  by: String(row.frozen_by),
})

/**
 * A migration that has run for a tenant does not change any more: others have got what it said then.
 * @throws OzgctlError 65 MIGRATION_FROZEN with the differences
 */
export function refuseChanged(store: Store, definition: Definition): void {
  const frozen = frozenOf(store, definition.id)
  if (frozen === undefined || frozen.hash === definition.hash) return
  const lines = differencesOf(frozen.document, definition.document).map(differenceLine)
  throw new OzgctlError(
    'MIGRATION_FROZEN',
    [`${definition.id} has run on ${frozen.at} by ${frozen.by} and is another one now`, ...lines].join('\n'),
    {
      exit: EXIT.badInput,
      suggestions: [
        'Write what is new into a migration of its own, with another id.',
        `Or see what it would mean: ozgctl migration repair FILE`,
      ],
    },
  )
}

const differenceLine = ({ path, former, present }: Difference): string =>
  `  ${path}: ${former ?? '—'} → ${present ?? '—'}`

/** Keeps a migration as it is now. Call it inside of a transaction. */
export function freeze(store: Store, context: Context, { id, hash, document }: Definition): void {
  store.db
    .prepare(
      'INSERT INTO migration (id, hash, document, frozen_at, frozen_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    .run(id, hash, JSON.stringify(document), context.now().toISOString(), `${context.actor}@${context.host}`)
}

/** Takes the present form of a migration for the one that holds. */
export async function repair(store: Store, context: Context, definition: Definition): Promise<void> {
  const { id, hash, document } = definition
  await transaction(store.db, () => {
    store.db
      .prepare('UPDATE migration SET hash = ?, document = ?, frozen_at = ?, frozen_by = ? WHERE id = ?')
      .run(
        hash,
        JSON.stringify(document),
        context.now().toISOString(),
        `${context.actor}@${context.host}`,
        id,
      )
    writeAudit(store, context, {
      event: 'repaired',
      scope: `migration/${id}`,
      run: null,
      detail: hash.slice(0, 12),
    })
  })
}

/** What a repair would be about. @throws OzgctlError 64 NOTHING_TO_REPAIR */
export function findRepair(
  store: Store,
  definition: Definition,
): { readonly frozen: Frozen; readonly differences: readonly Difference[] } {
  const frozen = frozenOf(store, definition.id)
  if (frozen !== undefined && frozen.hash !== definition.hash)
    return { frozen, differences: differencesOf(frozen.document, definition.document) }
  throw usageError(
    'NOTHING_TO_REPAIR',
    frozen === undefined
      ? `${definition.id} has not run here: it can be changed freely`
      : `${definition.id} does what it did when it ran`,
  )
}
