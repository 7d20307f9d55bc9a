import { Flags } from '@oclif/core'
import { regionFlag } from './flags.ts'
import { usageError } from './lib/errors.ts'
import { LOCAL_PORTAL } from './lib/portal/model.ts'
import { isHostName } from './lib/tenant/names.ts'
import type { ProvisionOptions } from './lib/tenant/planning.ts'
import { EVERYTHING, isPartial, parseSelector, type Selection, type Selector } from './lib/tenant/select.ts'

/** The flag that names a portal. */
export const portalFlags = {
  portal: Flags.string({
    env: 'OZGCTL_PORTAL',
    helpValue: 'NAME',
    description: 'profile of the portal; local is the one in the store [default: what the manifest names]',
  }),
}

/** What reading a portal needs of the store: the local one is in it, of others it needs nothing. */
export const storeUseOf = (portal: string): 'read' | 'read-if-any' =>
  portal === LOCAL_PORTAL ? 'read' : 'read-if-any'

/** Flags that narrow a command to some tenants. */
export const selectionFlags = {
  in: regionFlag({ description: 'only tenants in this region' }),
  selector: Flags.custom<Selector>({
    helpValue: 'FIELD=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'only tenants with this account, connector, module, name, slug or state; all given must hold',
    parse: async (input) => parseSelector(input),
  })(),
  'from-file': Flags.string({
    helpValue: 'FILE',
    description: 'only tenants whose key is in this file, one a line; # begins a remark',
  }),
  limit: Flags.integer({
    helpValue: 'N',
    min: 1,
    description: 'only the first N of them',
  }),
}

const fileOptions = {
  char: 'f',
  env: 'OZGCTL_FILE',
  helpValue: 'FILE',
  multiple: true,
  multipleNonGreedy: true,
  description: 'manifest, or a folder of them; several describe the portal together; - is stdin',
} as const

/** Flags of everything that compares manifests with a portal. */
export const manifestFlags = {
  file: Flags.string({ ...fileOptions, required: true }),
  ...portalFlags,
  ...selectionFlags,
}

/** The same where a saved plan may take the place of manifests. */
export const planOrManifestFlags = { file: Flags.string(fileOptions), ...portalFlags, ...selectionFlags }

export const maxDeleteFlags = {
  'max-delete': Flags.integer({
    helpValue: 'N',
    default: 0,
    min: 0,
    description: 'delete tenants that no file names, if there are no more than this',
  }),
}

export interface SelectionFlags {
  readonly in?: string | undefined
  readonly selector?: readonly Selector[] | undefined
  readonly 'from-file'?: string | undefined
  readonly limit?: number | undefined
}

interface ManifestFlags extends SelectionFlags {
  readonly file?: readonly string[] | undefined
  readonly portal?: string | undefined
  readonly 'max-delete'?: number | undefined
}

/** Which tenants the flags ask for. */
export async function selectionOf(flags: SelectionFlags): Promise<Selection> {
  return {
    ...EVERYTHING,
    prefix: flags.in ?? '',
    selectors: [flags.selector ?? []].flat(),
    keys: flags['from-file'] === undefined ? undefined : await keysIn(flags['from-file']),
    limit: flags.limit,
  }
}

async function keysIn(file: string): Promise<ReadonlySet<string>> {
  const { readKeyFile } = await import('./lib/tenant/key-file.ts')
  return readKeyFile(file)
}

/**
 * What the flags ask for.
 * @throws OzgctlError 64 when a file is named twice, or a selection is to delete
 */
export async function provisionOptions(flags: ManifestFlags): Promise<ProvisionOptions> {
  const { expandManifestFiles } = await import('./lib/tenant/manifest-files.ts')
  // From the environment oclif hands on a text and no list.
  const files = await expandManifestFiles([flags.file ?? []].flat())
  const twice = files.find((file, at) => files.indexOf(file) < at)
  if (twice !== undefined) throw usageError('FILE_TWICE', `${twice} is named twice`)
  const selection = await selectionOf(flags)
  const maxDelete = flags['max-delete'] ?? 0
  if (maxDelete > 0 && isPartial(selection))
    throw usageError('DELETE_PARTIAL', 'nothing is deleted by a selection of tenants', [
      'Leave out --in, --selector, --from-file and --limit, or --max-delete.',
    ])
  return { files, portal: flags.portal, maxDelete, selection }
}

/** The same words again, for the command that goes on. */
export function provisionWords({ files, portal, maxDelete, selection }: ProvisionOptions): readonly string[] {
  return [
    ...files.flatMap((file) => ['-f', file]),
    ...(portal === undefined ? [] : ['--portal', portal]),
    ...(maxDelete > 0 ? ['--max-delete', String(maxDelete)] : []),
    ...(selection.prefix === '' ? [] : ['--in', selection.prefix]),
    ...selection.selectors.flatMap(({ field, value }) => ['--selector', `${field}=${value}`]),
    ...(selection.limit === undefined ? [] : ['--limit', String(selection.limit)]),
  ]
}

/** Flags of what writes a manifest, which people then edit. */
export const newManifestFlags = {
  out: Flags.string({
    helpValue: 'FILE',
    description: 'write to this new file, whole or not at all, instead of stdout',
  }),
  force: Flags.boolean({ description: 'let --out replace a file' }),
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
