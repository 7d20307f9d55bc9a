import { Flags } from '@oclif/core'
import { parseFault } from './lib/sandbox/faults.ts'
import { REMOVABLE } from './lib/sandbox/routes.ts'
import type { SandboxOptions } from './lib/sandbox/server.ts'

/** Flags of everything that starts a sandbox. */
export const sandboxFlags = {
  port: Flags.integer({
    env: 'OZGCTL_PORT',
    helpValue: 'N',
    min: 0,
    max: 65_535,
    default: 0,
    description: 'port on 127.0.0.1; 0 takes any that is free',
  }),
  seed: Flags.string({
    env: 'OZGCTL_SEED',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    description: 'manifests, or folders of them, that the portal has from the start',
  }),
  fault: Flags.string({
    env: 'OZGCTL_FAULT',
    helpValue: 'SPEC',
    multiple: true,
    multipleNonGreedy: true,
    description: 'something that goes wrong, e.g. 503,every=5 or 429,first=3,retry-after=2,method=PUT',
  }),
  without: Flags.option({
    options: REMOVABLE,
    env: 'OZGCTL_WITHOUT',
    multiple: true,
    multipleNonGreedy: true,
    description: 'be a Liferay that lacks this',
  })(),
  connectors: Flags.string({
    helpValue: 'FILE',
    description:
      'serve a stand-in of every kind of connector, and write a manifest with them to this new file',
  }),
  force: Flags.boolean({ description: 'let --connectors replace files' }),
}

interface ParsedSandboxFlags {
  readonly port: number
  readonly fault?: readonly string[] | undefined
  readonly without?: SandboxOptions['without'] | undefined
  readonly connectors?: string | undefined
}

/** What the flags ask for. @throws OzgctlError 64 FAULT_INVALID */
export function sandboxOptions(flags: ParsedSandboxFlags, now: () => Date): SandboxOptions {
  const faults = [flags.fault ?? []].flat().map((text) => parseFault(text))
  const without = [flags.without ?? []].flat()
  return { port: flags.port, faults, without, connectors: flags.connectors !== undefined, now }
}

/** The environment in which ozgctl finds the sandbox as the portal `sandbox`, and uses it by default. */
export function sandboxEnvironment(url: string, clientId: string, clientSecret: string) {
  return {
    OZGCTL_PORTAL: 'sandbox',
    OZGCTL_SANDBOX_URL: url,
    OZGCTL_SANDBOX_CLIENT_ID: clientId,
    OZGCTL_SANDBOX_CLIENT_SECRET: clientSecret,
  }
}
