import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { defineKind } from '../kind.ts'
import { ProbeFailure } from '../probe/failure.ts'
import type { Line, Probe } from '../probe/probe.ts'
import { optional, type Reading, type Setting, type SettingsValues, text, texts } from '../settings.ts'
import { hostKeyOf, hostKeyWeakness, oldAlgorithms } from '../ssh-policy.ts'
import { type Attempt, closed, openSftp, type Said, said, sshAttempt, type Ways } from '../ssh-session.ts'

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

const settings = {
  hostKey: optional(
    fingerprints('Fingerprint of the key of the server as ssh-keygen -l prints it (SHA256:…), or several.'),
  ),
  user: optional(text('Name to log in with, where it is not that of the credentials.')),
  keyFile: optional(
    text(
      'File with the key to log in with, readable by nobody else. Credentials open it, where it is encrypted.',
    ),
  ),
}

type Settings = SettingsValues<typeof settings>

/** A folder for files in transit, as Fachverfahren and banks have them. */
export const sftp = defineKind({
  id: 'sftp',
  title: 'SFTP folder',
  schemes: ['sftp:'],
  credentials: 'optional',
  source:
    'RFC 4253 (SSH), RFC 4252 (log-in), draft-ietf-secsh-filexfer-02 (SFTP); RFC 9142 and BSI TR-02102-4 (algorithms)',
  healthy:
    'The server shows the key that is known of it, agrees on algorithms of today, lets one log in, and the folder of the address is there and can be listed. Nothing is written or read. Without a known key no password is sent.',
  settings,
  conditions: {
    banner: 'It speaks SSH 2.',
    'host-key': 'It shows the key that is known of it.',
    'host-key-strength': 'That key is long enough.',
    algorithms: 'Both agree on algorithms, and none of them is too old.',
    login: 'It takes the credentials or the key.',
    sftp: 'It speaks SFTP.',
    folder: 'The folder is there.',
    listing: 'The folder can be listed.',
  },
  check: async (probe, values) => {
    const login = await loginOf(probe, values)
    await probe.talk('session', false, (line) => session(probe, line, values, login))
  },
})

interface LoginWays {
  readonly username: string
  readonly ways: Ways
}

/** @throws OzgctlError for credentials or a key that cannot be used: nothing was sent then */
async function loginOf(probe: Probe, { user, keyFile, hostKey }: Settings): Promise<LoginWays> {
  const credentials = probe.hasCredentials ? await probe.credentials() : undefined
  const username = user ?? credentials?.clientId ?? ''
  const secret = credentials?.clientSecret.reveal()
  if (keyFile !== undefined) {
    if (username === '') throw unusable('there is no name to log in with', 'Name it: user.')
    return { username, ways: [await keyWay(probe, username, keyFile, secret)] }
  }
  // Whoever sits in between could read it.
  if (secret === undefined || hostKey === undefined) return { username: username || 'nobody', ways: [] }
  return {
    username,
    ways: [
      { type: 'password', username, password: secret },
      {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.length === 1 ? [secret] : []),
      },
    ],
  }
}

async function keyWay(probe: Probe, username: string, file: string, passphrase: string | undefined) {
  const { default: ssh2 } = await import('ssh2')
  const bytes = probe.privateFile(file)
  const key = ssh2.utils.parseKey(bytes, passphrase)
  if (key instanceof Error) {
    const isLocked = /encrypted/i.test(key.message)
    throw unusable(
      isLocked ? `${file} is encrypted, and no passphrase is named` : `${file} holds no key that can be used`,
      isLocked ? 'Name the profile that has its passphrase: credentials.' : undefined,
    )
  }
  return {
    type: 'publickey',
    username,
    key: bytes,
    ...(passphrase === undefined ? {} : { passphrase }),
  } as const
}

const unusable = (message: string, hint: string | undefined): OzgctlError =>
  new OzgctlError('SSH_KEY_INVALID', message, {
    exit: EXIT.unauthorised,
    suggestions: hint === undefined ? [] : [hint],
  })

async function session(
  probe: Probe,
  { socket, where }: Line,
  { hostKey: known }: Settings,
  { username, ways }: LoginWays,
): Promise<void> {
  const isKnown = (blob: Buffer): boolean => known?.includes(hostKeyOf(blob).fingerprint) ?? true
  const attempt = await sshAttempt({ socket, username, ways, isKnown })
  try {
    judgeServer(probe, attempt, where, known)
    if (ways.length === 0) return
    judgeLogin(probe, attempt, where)
    await judgeFolder(probe, attempt)
  } finally {
    attempt.client.end()
  }
}

function judgeServer(probe: Probe, attempt: Attempt, where: string, known: Settings['hostKey']): void {
  const { ident } = attempt
  // Cut off by the time or by the server: there is nothing to judge.
  if (ident === '' || probe.signal.aborted) throw closed()
  probe.require('banner', {
    met: /^SSH-(2\.0|1\.99)-/.test(ident),
    expected: 'SSH-2.0',
    seen: ident,
  })
  judgeHostKey(probe, attempt, known)
  judgeAlgorithms(probe, attempt, where)
}

function judgeHostKey(probe: Probe, { hostKey: blob }: Attempt, known: Settings['hostKey']): void {
  if (blob === undefined) return
  const key = hostKeyOf(blob)
  const seen = `${key.fingerprint} (${[key.type, key.bits].filter((part) => part !== undefined).join(' ')})`
  if (known === undefined)
    probe.expect('host-key', {
      met: false,
      severity: 'warning',
      expected: 'a key that is known before',
      seen,
      hint: 'Ask the operator of the server whether that is its key, and write it down: hostKey. No password is sent before.',
    })
  else
    probe.require('host-key', {
      met: known.includes(key.fingerprint),
      expected: known.join(' or '),
      seen,
      hint: 'The server has a new key, or somebody sits in between: ask its operator. ssh-keyscan shows all of its keys.',
    })
  const weakness = hostKeyWeakness(key)
  probe.expect('host-key-strength', {
    met: weakness === undefined,
    expected: 'RSA with 3000 bits or more, or elliptic curves',
    seen: `${key.type}${key.bits === undefined ? '' : ` with ${key.bits} bits`}`,
    ...weakness,
  })
}

function judgeAlgorithms(probe: Probe, { agreed, failed }: Attempt, where: string): void {
  if (agreed === undefined) {
    if (failed?.at === 'socket') throw failed.error
    const message = failed?.error.message ?? ''
    if (failed?.at !== 'handshake') throw hungUp(where, message)
    probe.require('algorithms', {
      met: false,
      expected: 'algorithms that both sides know',
      seen: message.replace(/^Handshake failed: /, ''),
    })
    return
  }
  const old = oldAlgorithms(agreed)
  probe.expect('algorithms', {
    met: old.length === 0,
    severity: 'warning',
    expected: 'algorithms of today',
    seen:
      old.length > 0
        ? old.join(', ')
        : [...new Set([agreed.kex, agreed.hostKey, ...agreed.ciphers, ...agreed.macs])]
            .filter(Boolean)
            .join(', '),
  })
}

function judgeLogin(probe: Probe, { failed, offered }: Attempt, where: string): void {
  if (failed?.at === 'socket') throw failed.error
  if (failed !== undefined && failed.at !== 'login') throw hungUp(where, failed.error.message)
  probe.require('login', {
    met: failed === undefined,
    expected: 'the log-in is taken',
    seen: failed === undefined ? 'taken' : refusal(failed.error.message, offered),
    hint: 'Are name, password or key right, and is that way to log in allowed?',
  })
}

/** ssh2 has one sentence for all refusals. */
const refusal = (message: string, offered: readonly string[]): string =>
  message.startsWith('All configured') ? `refused; it takes ${offered.join(', ') || 'nothing'}` : message

/** E.g. for too many attempts to log in, or too many connections. */
const hungUp = (where: string, message: string): ProbeFailure =>
  new ProbeFailure('body', 'protocol', `${where} broke off: ${message}`)

async function judgeFolder(probe: Probe, { client }: Attempt): Promise<void> {
  const opened = await openSftp(client)
  probe.require('sftp', { met: opened.ok, expected: 'SFTP', seen: opened.ok ? 'SFTP' : opened.message })
  if (!opened.ok) return
  const path = pathOf(probe.url)
  const stat = await said<Stats>(client, (done) => opened.value.stat(path, done))
  const isFolder = stat.ok && stat.value.isDirectory()
  probe.require('folder', {
    met: isFolder,
    expected: `a folder ${path}`,
    seen: stat.ok ? (isFolder ? 'a folder' : 'something else than a folder') : stat.message,
  })
  const listed = await firstEntries(client, opened.value, path)
  probe.expect('listing', {
    met: listed.ok,
    expected: 'a list of what is in it',
    seen: listed.ok ? 'a list' : listed.message,
  })
}

/** One part of the list, however many there are. */
async function firstEntries(
  client: Attempt['client'],
  wrapper: SFTPWrapper,
  path: string,
): Promise<Said<unknown>> {
  const handle = await said<Buffer>(client, (done) => wrapper.opendir(path, done))
  if (!handle.ok) return handle
  const part = await said<FileEntryWithStats[]>(client, (done) => wrapper.readdir(handle.value, done))
  await said<undefined>(client, (done) => wrapper.close(handle.value, (error) => done(error, undefined)))
  return part.ok || !part.isEnd ? part : { ok: true, value: [] }
}

/** Without a path it is where one is after the log-in. */
function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname) || '.'
  } catch {
    return pathname
  }
}

/** One fingerprint or a list: a server has a key for each of its algorithms. */
function fingerprints(description: string): Setting<readonly string[]> {
  const one = { type: 'string', pattern: FINGERPRINT.source }
  return {
    description,
    need: 'required',
    schema: { anyOf: [one, { type: 'array', minItems: 1, items: one }] },
    read: (value): Reading<readonly string[]> => {
      const list = texts('').read(typeof value === 'string' ? [value] : value)
      if (!list.ok) return list
      const at = list.value.findIndex((text) => !FINGERPRINT.test(text))
      if (at < 0) return list
      return {
        ok: false,
        message: 'must look like SHA256: and 43 letters',
        hint: 'Of a server that you trust: ssh-keyscan HOST | ssh-keygen -lf -',
        ...(typeof value === 'string' ? {} : { at: [at] }),
      }
    },
  }
}
