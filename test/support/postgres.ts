import { execFileSync, spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Identity } from './certificates.ts'
import { freePort, listening } from './nginx.ts'
import { program } from './programs.ts'

const FOLDERS = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed()
const initdb = program('initdb', FOLDERS)
const server = program('postgres', FOLDERS)
/** It refuses to run as root. */
const isRoot = process.getuid?.() === 0
const user = isRoot ? userIds('postgres') : undefined

function userIds(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** Whether there is one that can be run here. */
export const postgresProgram =
  isRoot && user === undefined
    ? { missing: true, note: ' (skipped: there is no user postgres here)' }
    : initdb

/** A PostgreSQL of its own, with TLS where it has a certificate. It goes with the test. */
export async function postgres(identity: Identity | undefined): Promise<{ readonly host: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  const port = await freePort()
  if (user !== undefined) execFileSync('chown', [`${user.uid}:${user.gid}`, folder])
  const data = join(folder, 'data')
  const as = { ...user, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } }
  execFileSync(initdb.path, ['-D', data, '-A', 'trust', '-N', '-U', 'test'], { ...as, stdio: 'pipe' })
  const tls =
    identity === undefined
      ? []
      : ['-c', 'ssl=on', '-c', 'ssl_cert_file=cert.pem', '-c', 'ssl_key_file=key.pem']
  if (identity !== undefined)
    for (const [name, text] of Object.entries({ 'cert.pem': identity.cert, 'key.pem': identity.key })) {
      writeFileSync(join(data, name), text, { mode: 0o600 })
      if (user !== undefined) execFileSync('chown', [`${user.uid}:${user.gid}`, join(data, name)])
    }
  const child = spawn(
    server.path,
    [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${folder}`,
      '-c',
      'fsync=off',
      ...tls,
    ],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString('utf8')
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  onTestFinished(async () => {
    // SIGQUIT: at once, with all of its processes.
    child.kill('SIGQUIT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(port, () => (child.exitCode === null ? undefined : new Error(`PostgreSQL ended: ${said}`)))
  return { host: `127.0.0.1:${port}` }
}
