import { readFileSync } from 'node:fs'
import { root } from './cli.ts'

/** What oclif.manifest.json says of a flag, as far as tests look at it. */
export interface ManifestFlag {
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly env?: string
  readonly description?: string
  readonly options?: readonly string[]
  readonly required?: boolean
}

export interface ManifestCommand {
  /** Words joined with `:`. */
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly (string | { readonly command: string })[]
  readonly flags: Readonly<Record<string, ManifestFlag>>
  readonly args: Readonly<Record<string, { readonly required?: boolean; readonly multiple?: boolean }>>
}

/** Every command of the built command line. */
export function manifestCommands(): readonly ManifestCommand[] {
  const text = readFileSync(`${root}/oclif.manifest.json`, 'utf8')
  const { commands } = JSON.parse(text) as { commands: Readonly<Record<string, ManifestCommand>> }
  return Object.values(commands)
}
