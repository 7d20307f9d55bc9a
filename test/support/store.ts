import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type Context, silentProgress } from '../../src/lib/context.ts'
import { openStore, type Store } from '../../src/lib/store/sqlite.ts'
import { temporaryFolder } from './folder.ts'

/** A new store on disk, closed and removed with the test. */
export async function temporaryStore(): Promise<Store> {
  const store = await openStore(join(temporaryFolder(), 'ozgctl.db'))
  onTestFinished(() => store.close())
  return store
}

/** The world as `lib` sees it, at a fixed time; warnings are collected. */
export function testContext(): Context & { readonly warnings: readonly string[] } {
  const warnings: string[] = []
  return {
    now: () => new Date('2026-11-23T12:00:00Z'),
    actor: 'tester',
    host: 'test',
    uptime: () => 1_000_000,
    sleep: async () => undefined,
    random: () => 0.5,
    uid: process.getuid?.(),
    pid: process.pid,
    command: 'ozgctl test',
    env: {},
    home: '/nonexistent',
    storePath: ':memory:',
    stdin: Readable.from([]),
    warn: (message) => warnings.push(message),
    progress: silentProgress,
    warnings,
  }
}
