import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, listening } from './nginx.ts'
import { program } from './programs.ts'

const sshd = program('sshd')
const sshKeygen = program('ssh-keygen')
const sftpServer = program('sftp-server', ['/usr/lib/openssh', '/usr/libexec/openssh'])

/** Whether there is one that can be run here: as root it wants a folder that packages make when they start it. */
export const sshdProgram = [sshd, sshKeygen, sftpServer].find(({ missing }) => missing) ?? separation()

function separation() {
  try {
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
    return sshd
  } catch {
    return { ...sshd, missing: true, note: ' (skipped: sshd has no folder /run/sshd)' }
  }
}

interface Sshd {
  readonly host: string
  readonly user: string
  /** A folder that its user can read. */
  readonly folder: string
  /** Of its host keys, as ssh-keygen prints them. */
  readonly fingerprint: string
  /** OpenSSH private key that it takes. */
  readonly key: string
  /** The same, encrypted. */
  readonly encryptedKey: string
  readonly passphrase: string
}

/** An sshd of its own for the user of the test, with a key of one kind. It goes with the test. */
export async function openSshd(
  hostKey: readonly string[] = ['-t', 'ed25519'],
  config: readonly string[] = [],
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  const passphrase = 'a passphrase of the test'
  const at = (name: string): string => join(folder, name)
  const keygen = (...args: readonly string[]): string =>
    execFileSync(sshKeygen.path, ['-q', ...args], { encoding: 'utf8', stdio: 'pipe' })
  keygen(...hostKey, '-N', '', '-f', at('host'))
  keygen('-t', 'ed25519', '-N', '', '-f', at('user'))
  keygen('-t', 'ed25519', '-N', passphrase, '-f', at('locked'))
  writeFileSync(
    at('authorized'),
    readFileSync(at('user.pub'), 'utf8') + readFileSync(at('locked.pub'), 'utf8'),
  )
  mkdirSync(at('eingang'))
  for (const name of ['a', 'b']) writeFileSync(join(at('eingang'), name), '')
  chmodSync(folder, 0o755)
  const port = await freePort()
  const lines = [
    ...config,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    `PidFile ${at('pid')}`,
    ...(config.some((line) => line.startsWith('Subsystem')) ? [] : [`Subsystem sftp ${sftpServer.path}`]),
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
  ]
  writeFileSync(at('config'), `${lines.join('\n')}\n`)
  const child = spawn(sshd.path, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString('utf8')
  })
  onTestFinished(() => {
    child.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(port, () => (child.exitCode === null ? undefined : new Error(`sshd ended: ${said}`)))
  const [, fingerprint = ''] = keygen('-l', '-f', at('host.pub')).split(' ')
  return {
    host: `127.0.0.1:${port}`,
    user: userInfo().username,
    folder: at('eingang'),
    fingerprint,
    key: readFileSync(at('user'), 'utf8'),
    encryptedKey: readFileSync(at('locked'), 'utf8'),
    passphrase,
  }
}
