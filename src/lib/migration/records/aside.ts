import { hash } from 'node:crypto'

/** No record has a key that begins so: JSON and tables allow no such sign in one, and a path has no empty part. */
const MARK = '\u0001//'
const END = '\u0001'

/**
 * Under what something is set aside that is no record of its own, so that it is never taken for one that is called alike.
 * @param place where it stands, the same whenever it is read; nothing where the label says it
 */
export const asideKey = (label: string, place = ''): string => `${MARK}${label}${END}${place}`

/** What people are told for a key. */
export const shownKey = (key: string): string =>
  key.startsWith(MARK) ? key.slice(MARK.length, key.lastIndexOf(END)) : key

/** Where on which page something stands. */
export const placeOn = (cursor: string | null, at: number): string =>
  `${hash('sha256', cursor ?? '', 'hex').slice(0, 16)}/${at}`
