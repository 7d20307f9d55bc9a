import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './support/cli.ts'

const MAKERS = {
  'docs/bad-input.md': /\b(?:badInput|badDocument)\(\s*(?:cut \? )?('[A-Z0-9_]+'(?: : '[A-Z0-9_]+')?)/g,
  'docs/exit-codes.md': /\b(?:usageError|new OzgctlError)\(\s*('[A-Z0-9_]+')/g,
} as const

/** Codes of errors that the sources make with these functions. */
function codesInSource(maker: RegExp): readonly string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const codes = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(root, 'src', file), 'utf8').matchAll(maker)])
    .flatMap(([, literal = '']) => literal.match(/[A-Z0-9_]{3,}/g) ?? [])
  return [...new Set(codes)].sort()
}

/** Codes in the first cells of the tables of a page. */
function codesInTables(page: string): readonly string[] {
  const rows = readFileSync(join(root, page), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
  const cells = rows.map((row) => row.split('|').slice(1, 3).join(' '))
  return cells
    .flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Z0-9_]{2,})`/g)].map(([, code = '']) => code))
    .sort()
}

// Made in another way: by oclif, for what nobody expected, and one for each kind of snapshot.
const OTHERS = ['INTERNAL', 'NO_CATALOG_SNAPSHOT', 'NO_OFFER_SNAPSHOT', 'NO_REGION_SNAPSHOT']

test.each(Object.entries(MAKERS))(
  '%s explains every code of its errors, and none that does not exist',
  (page, maker) => {
    const codes = codesInSource(maker)
    expect(codes.length).toBeGreaterThan(20)
    const explained = codesInTables(page).filter((code) => !OTHERS.includes(code))
    expect(explained).toEqual(codes)
  },
)
