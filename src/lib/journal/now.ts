import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import { holderOfScope } from './lease.ts'
import type { Run } from './model.ts'
import { findRun, listRuns } from './read.ts'

/** Runs, the latest first, with who works on each now. */
export async function runsNow(store: Store, context: Context) {
  return Promise.all((await listRuns(store)).map((run) => withHolder(store, context, run)))
}

/** One run with who works on it. @param text `run-7`, `7` or `latest` */
export async function runNow(store: Store, context: Context, text: string) {
  return withHolder(store, context, await findRun(store, text))
}

async function withHolder(store: Store, context: Context, run: Run) {
  const holder = run.state === 'running' ? await holderOfScope(store, context, run.scope) : undefined
  return { run, holder }
}
