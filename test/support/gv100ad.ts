/** A line of the Gemeindeverzeichnis, 220 characters. @param key EF3, and EF4 after a blank */
export function gvLine(
  satzart: string,
  key: string,
  name: string,
  fields: {
    readonly seat?: string
    readonly kind?: string
    readonly area?: string
    readonly inhabitants?: string
    readonly postcode?: string
  } = {},
): string {
  const [own = '', verband = ''] = key.split(' ')
  const { seat = '', kind = '', area = '', inhabitants = '', postcode = '' } = fields
  return [
    `${satzart}20231130${own.padEnd(8)}${verband.padEnd(4)}`,
    name.padEnd(50),
    seat.padEnd(50),
    kind.padEnd(6),
    area.padStart(11),
    inhabitants.padStart(11),
    ''.padEnd(15),
    postcode.padEnd(55),
  ].join('')
}

/** A Gemeinde with figures. */
export const gvGemeinde = (key: string, name: string, kind = '64', inhabitants = '00000001000'): string =>
  gvLine('60', key, name, { kind, area: '00000000100', inhabitants, postcode: '49565' })
