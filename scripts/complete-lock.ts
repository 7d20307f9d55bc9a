import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Run after `npm install` has changed the lock file. Packages with binaries name one optional package for each
 * platform; npm leaves those out of the lock file that its registry does not hold, and `npm ci` then refuses the lock
 * file as incomplete. This enters them, with the platform that their names tell, so that npm skips them elsewhere.
 */
interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

interface LockFile {
  readonly packages: Record<string, LockedPackage>
}

const PLATFORM =
  /-(?<os>aix|android|darwin|freebsd|linux|openharmony|win32)-(?<cpu>[a-z0-9]+)(?:-(?<abi>[a-z]+))?$/
const LIBC: Readonly<Record<string, string>> = { gnu: 'glibc', musl: 'musl' }

/** Entries for the optional packages that a lock file names but does not hold. */
export function missingPlatforms({ packages }: LockFile): Readonly<Record<string, LockedPackage>> {
  const missing: Record<string, LockedPackage> = {}
  for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const key = `node_modules/${name}`
      const { os, cpu, abi = '' } = PLATFORM.exec(name)?.groups ?? {}
      if (key in packages || os === undefined || cpu === undefined) continue
      const libc = LIBC[abi]
      missing[key] = {
        version,
        cpu: [cpu],
        ...(dev === true ? { dev } : {}),
        ...(libc === undefined ? {} : { libc: [libc] }),
        optional: true,
        os: [os],
      }
    }
  }
  return missing
}

if (import.meta.main) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url))
  const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile
  const missing = missingPlatforms(lock)
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  writeFileSync(path, `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`)
  console.log(`${Object.keys(missing).length} packages of other platforms entered`)
}
