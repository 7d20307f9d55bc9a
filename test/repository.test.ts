import { accessSync, constants, existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { missingPlatforms } from '../scripts/complete-lock.ts'
import { root } from './support/cli.ts'

const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const { version } = JSON.parse(read('package.json')) as { version: string }

describe('the lock file', () => {
  it('names no registry and no path of a machine', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>
    }
    const bound = Object.entries(packages).filter(([, { resolved, link }]) => resolved !== undefined || link)
    expect(bound).toEqual([])
  })

  it('holds the packages of every platform, without which npm ci refuses it: node scripts/complete-lock.ts', () => {
    expect(missingPlatforms(JSON.parse(read('package-lock.json')))).toEqual({})
    const lock = {
      packages: { a: { dev: true, optionalDependencies: { 'a-linux-x64-musl': '1.2.3', fsevents: '1' } } },
    }
    expect(missingPlatforms(lock)).toEqual({
      'node_modules/a-linux-x64-musl': {
        version: '1.2.3',
        cpu: ['x64'],
        dev: true,
        libc: ['musl'],
        optional: true,
        os: ['linux'],
      },
    })
  })
})

describe('docs/dependencies.md', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Readonly<
      Record<
        string,
        {
          readonly version?: string
          readonly dependencies?: Readonly<Record<string, string>>
          readonly optionalDependencies?: Readonly<Record<string, string>>
        }
      >
    >
  }
  const page = read('docs/dependencies.md')

  /** A package and all that it brings, by their places in the lock file. */
  function broughtBy(place: string, found = new Set<string>()): ReadonlySet<string> {
    if (found.has(place)) return found
    if (place !== '') found.add(place)
    const { dependencies, optionalDependencies } = packages[place] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      // Node looks in the nearest folder first.
      const folders = place
        .split('/node_modules/')
        .map((_, at, all) => all.slice(0, all.length - at).join('/node_modules/'))
      const nearest = [
        ...folders.map((folder) => `${folder}/node_modules/${name}`),
        `node_modules/${name}`,
      ].find((one) => packages[one] !== undefined)
      expect(nearest, `${name} for ${place}`).toBeDefined()
      broughtBy(nearest ?? '', found)
    }
    return found
  }

  it('counts the packages that run at an operator’s', () => {
    expect(page).toContain(`all together are ${broughtBy('').size} packages`)
  })

  it('has a row with the version of each that is asked for, and the number of those that it brings', () => {
    for (const name of Object.keys(packages['']?.dependencies ?? {})) {
      const row = page
        .split('\n')
        .find(
          (line) =>
            line.startsWith('|') && line.includes(`${name} ${packages[`node_modules/${name}`]?.version}`),
        )
      expect(row, name).toBeDefined()
      const names = [...(row ?? '').matchAll(/([@\w/-]+) \d+\.\d+\.\d+/g)].map(([, one = '']) => one)
      const brought = new Set(names.flatMap((one) => [...broughtBy(`node_modules/${one}`)]))
      const counted =
        row?.includes(' more') === true ? broughtBy('node_modules/@oclif/core') : new Set<string>()
      const count = [...brought].filter((one) => !counted.has(one)).length
      const told = /(\d+) packages/.exec(row ?? '')?.[1]
      if (told !== undefined) expect([name, count]).toEqual([name, Number(told)])
    }
  })
})

describe('SECURITY.md', () => {
  it('names files and folders that there are', () => {
    const names = [
      ...read('SECURITY.md').matchAll(/`((?:src|docs)\/[\w/.-]+)`|\]\(((?:docs)\/[\w/.-]+)/g),
    ].map(([, code, link]) => code ?? link ?? '')
    expect(names.length).toBeGreaterThan(5)
    for (const name of names) expect([name, existsSync(join(root, name))]).toEqual([name, true])
  })
})

describe('.ci/run', () => {
  it('can be run', () => {
    expect(() => accessSync(join(root, '.ci', 'run'), constants.X_OK)).not.toThrow()
  })
})

// The vocabularies of the standard, version 0.5: https://yml.publiccode.tools/schema.core.html
const CATEGORIES = ['data-analytics', 'digital-citizenship', 'it-management']
const STATUS = ['concept', 'development', 'beta', 'stable', 'obsolete']
const SOFTWARE_TYPES = 'mobile iot desktop web backend other'
  .split(' ')
  .map((kind) => `standalone/${kind}`)
  .concat('addon', 'library', 'configurationFiles')

describe('publiccode.yml', () => {
  const code = parse(read('publiccode.yml')) as {
    readonly softwareVersion: string
    readonly developmentStatus: string
    readonly softwareType: string
    readonly platforms: readonly string[]
    readonly categories: readonly string[]
    readonly description: Readonly<
      Record<
        string,
        {
          readonly genericName: string
          readonly shortDescription: string
          readonly longDescription: string
          readonly features: readonly string[]
        }
      >
    >
    readonly maintenance: { readonly type: string; readonly contacts: readonly { readonly name: string }[] }
  }

  it('has the fields that the standard asks for, with its words', () => {
    expect(code).toMatchObject({
      publiccodeYmlVersion: '0.5',
      name: 'ozgctl',
      url: 'https://github.com/OZGctl/ozgctl.git',
      softwareVersion: version,
      legal: { license: 'EUPL-1.2' },
      maintenance: { type: 'community', contacts: [{ name: expect.stringMatching(/./) }] },
      localisation: { localisationReady: true, availableLanguages: ['de', 'en'] },
    })
    expect(STATUS).toContain(code.developmentStatus)
    expect(SOFTWARE_TYPES).toContain(code.softwareType)
    expect(CATEGORIES).toEqual(expect.arrayContaining([...code.categories]))
    expect(code.platforms).not.toHaveLength(0)
  })

  it.each(['de', 'en'])('describes the software within the lengths of the standard: %s', (language) => {
    const text = code.description[language]
    expect(text?.genericName.length).toBeLessThanOrEqual(35)
    expect(text?.shortDescription.length).toBeLessThanOrEqual(150)
    expect(text?.longDescription.length).toBeGreaterThanOrEqual(150)
    expect(text?.longDescription.length).toBeLessThanOrEqual(10_000)
    expect(text?.features).not.toHaveLength(0)
  })
})

describe('every link in the documents', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'fixtures/*.md', 'bench/*.md'], { cwd: root })

  it.each(pages.sort())('leads to a file: %s', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    )
    expect(links.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})
