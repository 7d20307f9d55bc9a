import { Flags } from '@oclif/core'
import { usageError } from './lib/errors.ts'
import { isHostName } from './lib/tenant/names.ts'

/** Flags of everything that compares manifests with a portal. */
export const manifestFlags = {
  file: Flags.string({
    char: 'f',
    env: 'OZGCTL_FILE',
    helpValue: 'FILE',
    required: true,
    multiple: true,
    multipleNonGreedy: true,
    description: 'manifest; several files describe the portal together; - is stdin',
  }),
  'max-delete': Flags.integer({
    env: 'OZGCTL_MAX_DELETE',
    helpValue: 'N',
    default: 0,
    min: 0,
    description: 'delete tenants that no file names, if there are no more than this',
  }),
}

interface ManifestFlags {
  readonly file: readonly string[]
  readonly 'max-delete': number
}

/** What the flags ask for. @throws OzgctlError 64 when a file is named twice */
export function provisionOptions(flags: ManifestFlags) {
  // From the environment oclif hands on a text and no list.
  const files = [flags.file].flat()
  const twice = files.find((file, at) => files.indexOf(file) < at)
  if (twice !== undefined) throw usageError('FILE_TWICE', `${twice} is named twice`)
  return { files, maxDelete: flags['max-delete'] }
}

/** A flag that names a domain; it has room for a label before it. */
export const domainFlag = Flags.custom<string>({
  helpValue: 'DOMAIN',
  parse: async (input) => {
    const domain = input.toLowerCase()
    if (isHostName(`${'x'.repeat(63)}.${domain}`) && domain.includes('.')) return domain
    throw usageError('DOMAIN_INVALID', `"${input}" is no domain`, ['A domain is like portal.example.de.'])
  },
})
