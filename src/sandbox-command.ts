import { once } from 'node:events'
import { basename, dirname, join } from 'node:path'
import { BaseCommand, type BaseFlags } from './base-command.ts'
import type { Context } from './lib/context.ts'
import { useAsInput } from './lib/in-use.ts'
import { writeFileAtomically } from './lib/output/atomic-file.ts'
import { refuseExisting } from './lib/output/existing-file.ts'
import { Sandbox, type SandboxOptions } from './lib/sandbox/server.ts'
import { type StandIns, standInFiles } from './lib/sandbox/stand-ins/stand-ins.ts'
import { EVERYTHING } from './lib/tenant/select.ts'
import { sandboxEnvironment } from './sandbox-flags.ts'

/** A sandbox that listens. */
export interface Running {
  readonly sandbox: Sandbox
  readonly url: string
  readonly env: ReturnType<typeof sandboxEnvironment>
}

/** What the commands share that start a sandbox. */
export abstract class SandboxCommand extends BaseCommand {
  /** Starts a sandbox, fills it, and stops it when `work` is done. */
  protected async withSandbox<T>(
    flags: BaseFlags & {
      readonly seed?: readonly string[] | undefined
      readonly connectors?: string | undefined
      readonly force: boolean
    },
    options: SandboxOptions,
    work: (running: Running) => Promise<T>,
  ): Promise<T> {
    const files = [flags.seed ?? []].flat()
    files.forEach(useAsInput)
    const sandbox = new Sandbox(options)
    const url = await sandbox.start()
    try {
      const env = sandboxEnvironment(url, sandbox.clientId, sandbox.clientSecret)
      if (flags.connectors !== undefined && sandbox.standIns !== undefined)
        await writeStandIns(flags.connectors, sandbox.standIns, flags.force)
      if (files.length > 0) await this.#fill(flags, files, env)
      return await work({ sandbox, url, env })
    } finally {
      await sandbox.stop()
    }
  }

  protected async untilStopped(end: AbortSignal): Promise<void> {
    if (!end.aborted) await once(end, 'abort')
  }

  /** The way that any portal is filled: an apply. It is a run like others, in the store. */
  async #fill(flags: BaseFlags, seed: readonly string[], env: Context['env']): Promise<void> {
    const { applyFiles } = await import('./lib/tenant/provision.ts')
    const { expandManifestFiles } = await import('./lib/tenant/manifest-files.ts')
    const files = await expandManifestFiles(seed)
    await this.withStore(flags, 'write', async (store, context) => {
      const options = { files, portal: 'sandbox', maxDelete: 0, selection: EVERYTHING }
      const work = { leaseMs: 60_000, waitMs: 60_000, confirm: async () => undefined, onRun: () => undefined }
      const { applied } = await applyFiles(
        { ...context, env: { ...context.env, ...env } },
        store,
        options,
        work,
      )
      if (applied?.stopped?.kind === 'error') throw applied.stopped.error
    })
  }
}

/**
 * A manifest with all stand-ins, and beside it the authorities that their certificates are trusted by.
 * @throws OzgctlError 64 FILE_EXISTS, unless `force`: it could be the network that somebody has described
 */
async function writeStandIns(file: string, standIns: StandIns, force: boolean): Promise<void> {
  const { manifest, authorities } = await standInFiles(standIns, basename(file))
  const beside = [...authorities].map(([name, text]) => [join(dirname(file), name), text] as const)
  const files = [...beside, [file, manifest] as const]
  if (!force) for (const [path] of files) refuseExisting(path)
  for (const [path, text] of files) writeFileAtomically(path, text)
}
