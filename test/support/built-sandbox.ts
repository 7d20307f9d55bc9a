import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { root } from './cli.ts'
import { temporaryFolder } from './folder.ts'

/** A sandbox of the built command line with all stand-ins, in a process of its own that goes with the test. */
export async function startedSandbox(): Promise<{
  readonly folder: string
  readonly manifest: string
  /** With a store of its own. */
  readonly env: Readonly<Record<string, string>>
}> {
  const folder = temporaryFolder()
  const manifest = join(folder, 'sandbox.yaml')
  const own = { OZGCTL_STORE: join(folder, 'ozgctl.db') }
  const child = spawn(
    process.execPath,
    [`${root}/bin/run.js`, 'sandbox', 'start', '--connectors', manifest],
    {
      env: { PATH: process.env.PATH, HOME: folder, ...own },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await once(child, 'close')
  })
  let text = ''
  for await (const line of createInterface(child.stdout)) {
    text += line
    if (line === '}') break
  }
  const { environment } = JSON.parse(text) as { environment: Record<string, string> }
  return { folder, manifest, env: { ...own, ...environment } }
}
