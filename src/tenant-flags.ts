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
    default: 0,
    min: 0,
    description: 'delete tenants that no file names, if there are no more than this',
  }),
}

/** A flag that names a domain. */
export const domainFlag = Flags.custom<string>({
  helpValue: 'DOMAIN',
  parse: async (input) => {
    const domain = input.toLowerCase()
    if (isHostName(domain)) return domain
    throw usageError('DOMAIN_INVALID', `"${input}" is no domain`, ['A domain is like portal.example.de.'])
  },
})
