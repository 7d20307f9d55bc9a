import type { Setting } from '../../connector/settings.ts'
import type { Json } from '../records/model.ts'
import { filePath, group, json, mapOf, pathsIn } from '../settings.ts'

/** Which settings of a connector name files: for TLS, and the key of SFTP. */
const FILES = {
  keyFile: filePath('Key.'),
  tls: group('Files.', {
    ca: filePath('Authorities.'),
    cert: filePath('Certificate of the client.'),
    key: filePath('Its key.'),
    pfx: filePath('Both.'),
  }),
}

/** Settings that a tenant has of its own for a connector, as they stand in a manifest. */
export const ownSettings = (description: string): Setting<Readonly<Record<string, Json>>> => ({
  ...mapOf(description, json('Value of the setting.'), /^[A-Za-z][A-Za-z0-9]*$/),
  paths: (written) => pathsIn(FILES, written),
})
