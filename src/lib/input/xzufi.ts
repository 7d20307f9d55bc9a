/**
 * Whether a namespace is one of XZuFi: those of all versions begin alike (2_1_0, 2_2_0, 2_3_1). Root element and prefix
 * are not fixed; elements are known by their namespace alone.
 */
export function isXzufi(uri: string): boolean {
  return uri.startsWith('http://xoev.de/schemata/xzufi/')
}
