import { existsSync, readFileSync } from 'node:fs'
import { writePrivateFile } from './private-file.ts'
import { profileFile } from './profiles.ts'
import type { ConfigSource } from './source.ts'

/** Fields of a profile as they are written; those that are undefined stay as they are. */
export interface ProfileFields {
  readonly url?: string | undefined
  readonly layout?: string | undefined
  readonly caFile?: string | undefined
  readonly helper?: string | undefined
}

/** Writes a profile into the file and leaves all else there as it is, comments too. @returns the file */
export async function writeProfile(
  name: string,
  fields: ProfileFields,
  source: ConfigSource,
): Promise<string> {
  const { parseDocument } = await import('yaml')
  const file = profileFile(source)
  const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '')
  const { helper, ...plain } = fields
  document.setIn(['profiles', name, 'driver'], 'liferay')
  for (const [field, value] of Object.entries(plain))
    if (value !== undefined) document.setIn(['profiles', name, field], value)
  if (helper !== undefined) document.setIn(['profiles', name, 'credentials', 'helper'], helper)
  writePrivateFile(file, document.toString())
  return file
}
