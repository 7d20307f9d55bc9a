import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomically } from '../output/atomic-file.ts'
import { withConfigLock } from './lock.ts'
import { OTHERS_MAY_WRITE, profileFile } from './profiles.ts'
import type { ConfigSource } from './source.ts'

/** Fields of a profile as they are written; those that are undefined stay as they are. */
export interface ProfileFields {
  readonly url?: string | undefined
  readonly layout?: string | undefined
  readonly caFile?: string | undefined
  readonly helper?: string | undefined
}

/**
 * Writes a profile into the file and leaves all else there as it is, comments too; the file may be a link into a
 * repository. @throws OzgctlError 5 CONFIG_LOCKED; 6 CREDENTIALS_EXPOSED; 74
 */
export async function writeProfile(name: string, fields: ProfileFields, source: ConfigSource): Promise<void> {
  const { isMap, parseDocument } = await import('yaml')
  const file = profileFile(source)
  await withConfigLock(file, () => {
    const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '')
    for (const path of [['profiles'], ['profiles', name]])
      if (!isMap(document.getIn(path))) document.setIn(path, document.createNode({}))
    const { helper, ...plain } = fields
    document.setIn(['profiles', name, 'driver'], 'liferay')
    for (const [field, value] of Object.entries(plain))
      if (value !== undefined) document.setIn(['profiles', name, field], value)
    if (helper !== undefined)
      document.setIn(['profiles', name, 'credentials'], document.createNode({ helper }))
    // Whatever the umask is: a file that others can write to would not be read.
    writeFileAtomically(file, document.toString(), OTHERS_MAY_WRITE)
  })
}
