import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from './timing.ts'

/** A sandbox in a process of its own. */
export interface RunningSandbox {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly env: Readonly<Record<string, string>>
  requests(): Promise<number>
  reset(): Promise<void>
  stop(): Promise<void>
}

export async function startSandbox({ command, args, env }: Command): Promise<RunningSandbox> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const line of createInterface(child.stdout)) {
    text += line
    if (line === '}') break
  }
  const { url, clientId, clientSecret, environment } = JSON.parse(text) as {
    url: string
    clientId: string
    clientSecret: string
    environment: Record<string, string>
  }
  return {
    url,
    clientId,
    clientSecret,
    env: { ...environment, OZGCTL_SANDBOX_LAYOUT: 'organization' },
    requests: async () =>
      ((await (await fetch(`${url}/_sandbox/stats`)).json()) as { requests: number }).requests,
    reset: async () => {
      await fetch(`${url}/_sandbox/reset`, { method: 'POST' })
    },
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
    },
  }
}
