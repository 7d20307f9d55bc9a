import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import type { Run } from '../../support/cli.ts'
import { ozgctl, ozgctlJson } from '../../support/cli.ts'

/** A folder with a store, and the environment in which an operator works there. */
export interface Workplace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

interface RunList {
  readonly runs: readonly { readonly id: string; readonly state: string; readonly kind: string }[]
}

export const call = (place: Workplace, ...args: readonly string[]): Promise<Run> => ozgctl(args, place)

/** The youngest run; undefined where there is none. */
export async function latestRun(place: Workplace) {
  const { json, stderr, code } = await ozgctlJson(['run', 'list'], place)
  expect(code, stderr).toBe(0)
  const { runs } = json as unknown as RunList
  return runs[0]
}

/**
 * Goes on as somebody does who reads only what the tool says: begins where nothing was begun, resumes what is not over.
 * @returns the state in which the run ends
 */
export async function goOn(place: Workplace, begin: readonly string[]): Promise<string | undefined> {
  for (let tries = 0; tries < 4; tries++) {
    const run = await latestRun(place)
    if (run !== undefined && ['done', 'cancelled', 'superseded'].includes(run.state)) return run.state
    const verb = run?.kind === 'migration' ? 'migration' : 'run'
    const again = await call(place, ...(run === undefined ? begin : [verb, 'resume', run.id]))
    expect(again, `tried again after ${run?.state ?? 'nothing'}`).toMatchObject({ code: 0, signal: null })
  }
  return (await latestRun(place))?.state
}

/** Raw register keys and names of the tenants that the store has as a copy of the sandbox. */
export function copiedFrom({ env }: Workplace): readonly string[] {
  const db = new DatabaseSync(env.OZGCTL_STORE ?? '', { readOnly: true })
  try {
    const sql = "SELECT ars, document ->> 'name' AS name FROM tenant WHERE portal = 'sandbox' ORDER BY ars"
    return db
      .prepare(sql)
      .all()
      .map(({ ars, name }) => `${ars} ${name}`)
  } finally {
    db.close()
  }
}
