import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type * as Ssh from 'ssh2'
import { defineKind } from '../kind.ts'
import { ProbeFailure } from '../probe/failure.ts'
import type { Probe } from '../probe/probe.ts'
import { optional, text } from '../settings.ts'

/** A drop of files over SSH, as finance and several Fachverfahren use it. */
export const sftp = defineKind({
  id: 'sftp',
  title: 'SFTP server',
  schemes: ['sftp:'],
  credentials: 'required',
  source:
    'RFC 4253 §7 and §8, RFC 4252 §8 (password), draft-ietf-secsh-filexfer-02; fingerprints as OpenSSH prints them',
  healthy:
    'It has the host key that is known, accepts the credentials, and the folder of the address is there and can be read.',
  settings: {
    hostKey: optional(
      text('Fingerprint of the host key as ssh-keygen -lf prints it.', /^SHA256:[A-Za-z0-9+/]{43}$/),
    ),
  },
  conditions: {
    'host-key': 'It is the server that is known.',
    algorithms: 'Keys are exchanged and data encrypted by present algorithms.',
    authentication: 'It accepts the credentials.',
    folder: 'The folder is there.',
    listing: 'The folder can be read.',
  },
  check: async (probe, { hostKey }) => {
    const { clientId, clientSecret } = await probe.credentials()
    await probe.talk('session', false, ({ socket }) =>
      converse(probe, socket, { user: clientId, password: clientSecret.reveal(), hostKey }),
    )
  },
})

interface SshLogin {
  readonly user: string
  readonly password: string
  readonly hostKey: string | undefined
}

async function converse(probe: Probe, socket: Socket, login: SshLogin): Promise<void> {
  // Loaded here: it is large, and few connectors need it.
  const { default: ssh2 } = await import('ssh2')
  const client = new ssh2.Client()
  // Whatever comes after the end is nobody's concern.
  client.on('error', () => undefined)
  try {
    const isAccepted = await connected(probe, client, socket, login)
    probe.require('authentication', {
      met: isAccepted,
      expected: 'a log-in',
      seen: isAccepted ? 'a log-in' : 'refused',
      hint: 'Is the secret still right? ozgctl auth login PROFILE',
    })
    await readFolder(probe, await opened(client))
  } finally {
    client.destroy()
  }
}

/** @returns whether the credentials were accepted */
function connected(
  probe: Probe,
  client: Ssh.Client,
  socket: Socket,
  { user, password, hostKey }: SshLogin,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let isKnown = true
    client.once('handshake', (negotiated) => judgeAlgorithms(probe, negotiated))
    client.once('ready', () => resolve(true))
    client.once('close', () => reject(closed(probe)))
    client.once('error', (error) => {
      if (!isKnown) reject(new ProbeFailure('tls', 'protocol', `${probe.url.host} has another host key`))
      else if (error.level === 'client-authentication') resolve(false)
      else reject(failed(probe, error))
    })
    client.connect({
      sock: socket,
      username: user,
      password,
      // The deadline of the check ends it.
      readyTimeout: 0,
      hostVerifier: (key: Buffer) => {
        isKnown = judgeHostKey(probe, key, hostKey)
        return isKnown
      },
    })
  })
}

const closed = (probe: Probe): ProbeFailure =>
  new ProbeFailure('body', 'reset', `${probe.url.host} closed the connection`)

function failed(probe: Probe, error: Error): ProbeFailure {
  return new ProbeFailure('body', 'protocol', `${probe.url.host}: ${error.message}`)
}

function judgeHostKey(probe: Probe, key: Buffer, wanted: string | undefined): boolean {
  const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
  probe.expect('host-key', {
    met: fingerprint === wanted,
    severity: wanted === undefined ? 'warning' : 'critical',
    expected: wanted ?? 'a host key that is written in hostKey',
    seen: fingerprint,
    hint:
      wanted === undefined
        ? 'Compare it with what the operator of the server says, and write it down.'
        : 'Either the server was set up anew, or somebody stands in between. The password was not sent.',
  })
  return wanted === undefined || fingerprint === wanted
}

/** Not recommended any more by BSI TR-02102-4 or taken out of OpenSSH. */
const OLD = /sha1|md5|cbc|arcfour|3des|ssh-dss/

function judgeAlgorithms(probe: Probe, { kex, serverHostKey, cs, sc }: Ssh.NegotiatedAlgorithms): void {
  const used = [kex, serverHostKey, cs.cipher, cs.mac, sc.cipher, sc.mac].filter((name) => name !== '')
  const old = [...new Set(used.filter((name) => OLD.test(name)))]
  probe.expect('algorithms', {
    met: old.length === 0,
    severity: 'warning',
    expected: 'no SHA-1, CBC or 3DES',
    seen: old.length > 0 ? old.join(', ') : [...new Set(used)].join(', '),
  })
}

function opened(client: Ssh.Client): Promise<Ssh.SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, session) => {
      if (error === undefined) resolve(session)
      else reject(new ProbeFailure('body', 'protocol', `there is no SFTP: ${error.message}`))
    })
  })
}

async function readFolder(probe: Probe, session: Ssh.SFTPWrapper): Promise<void> {
  const path = decodeURIComponent(probe.url.pathname) || '.'
  const found = await answered<Ssh.Stats>(probe, (done) => session.stat(path, done))
  probe.require('folder', {
    met: !(found instanceof Error) && found.isDirectory(),
    expected: `the folder ${path}`,
    seen: found instanceof Error ? found.message : found.isDirectory() ? 'a folder' : 'no folder',
  })
  const handle = await answered<Buffer>(probe, (done) => session.opendir(path, done))
  probe.expect('listing', {
    met: !(handle instanceof Error),
    expected: 'a folder that can be read',
    seen: handle instanceof Error ? handle.message : 'it can be read',
  })
}

/** @returns the answer, or the error that the server gives; when the check is over it fails */
function answered<T>(
  probe: Probe,
  ask: (done: (error: Error | undefined, found: T) => void) => void,
): Promise<T | Error> {
  return new Promise((resolve, reject) => {
    probe.signal.addEventListener('abort', () => reject(closed(probe)), { once: true })
    ask((error, found) => resolve(error ?? found))
  })
}
