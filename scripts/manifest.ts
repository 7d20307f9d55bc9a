import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What oclif.manifest.json says of a flag, as far as the reference and the tests look at it. */
export interface ManifestFlag {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly env?: string
  readonly description?: string
  readonly default?: unknown
  readonly helpValue?: string
  readonly helpGroup?: string
  readonly options?: readonly string[]
  readonly required?: boolean
  readonly multiple?: boolean
}

export interface ManifestArg {
  readonly name: string
  readonly description?: string
  readonly required?: boolean
  readonly multiple?: boolean
}

export interface ManifestCommand {
  /** Words joined with `:`. */
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly (string | { readonly command: string })[]
  readonly flags: Readonly<Record<string, ManifestFlag>>
  readonly args: Readonly<Record<string, ManifestArg>>
  readonly hidden?: boolean
}

/** Every command of the built command line, by name. */
export function manifestCommands(): readonly ManifestCommand[] {
  const path = fileURLToPath(new URL('../oclif.manifest.json', import.meta.url))
  const { commands } = JSON.parse(readFileSync(path, 'utf8')) as {
    commands: Readonly<Record<string, ManifestCommand>>
  }
  return Object.values(commands).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** An example as people type it. */
export function exampleText({ id }: ManifestCommand, example: string | { readonly command: string }): string {
  const text = typeof example === 'string' ? example : example.command
  return text
    .replaceAll('<%= config.bin %>', 'ozgctl')
    .replaceAll('<%= command.id %>', id.replaceAll(':', ' '))
}
