import type { Socket } from 'node:net'
import type { AnyAuthMethod, Client, NegotiatedAlgorithms, SFTPWrapper } from 'ssh2'
import type { Agreed } from './ssh-policy.ts'

/** How to log in: one way after another. Nothing is tried where there is none. */
export type Ways = readonly AnyAuthMethod[]

/** What came of the attempt to log in, as far as it came. */
export interface Attempt {
  readonly client: Client
  /** The line with which the server says what it is, or else its first; empty where it said nothing. */
  readonly ident: string
  /** Public key of the server. */
  readonly hostKey: Buffer | undefined
  readonly agreed: Agreed | undefined
  /** Ways to log in that the server named when it refused one. */
  readonly offered: readonly string[]
  /** Why there is no session; undefined where there is one. */
  readonly failed: SshFailure | undefined
}

/** @property at how far it had come */
export interface SshFailure {
  readonly at: 'socket' | 'handshake' | 'login' | 'protocol'
  readonly error: Error
}

interface AttemptOptions {
  readonly socket: Socket
  readonly username: string
  readonly ways: Ways
  /** Judges the key of the server before anything secret is said. */
  readonly isKnown: (hostKey: Buffer) => boolean
}

/** Text of the server that is looked through for its line; ssh2 itself gives up after 1024 lines. */
const MAX_IDENT_BYTES = 16 << 10

/** Old ones come last: a server that knows nothing better is to be told apart from one that does not answer. */
const ALGORITHMS = {
  kex: { append: ['diffie-hellman-group14-sha1'], prepend: [], remove: [] },
  cipher: { append: ['aes128-cbc', 'aes256-cbc'], prepend: [], remove: [] },
  // Packed data can be as large as it likes.
  compress: ['none'],
} as const

/** Sets up SSH on a connection (RFC 4253) and logs in (RFC 4252). It ends with the socket at the latest. */
export async function sshAttempt(options: AttemptOptions): Promise<Attempt> {
  const { socket, username, isKnown } = options
  const { default: ssh2 } = await import('ssh2')
  const client = new ssh2.Client()
  const facts: { hostKey?: Buffer; agreed?: Agreed; offered: readonly string[] } = { offered: [] }
  const ident = identOf(socket)
  const failed = await new Promise<SshFailure | undefined>((resolve) => {
    client.on('error', (error: Error & { readonly level?: string }) =>
      resolve({ at: levelOf(error.level), error }),
    )
    client.once('close', () => resolve({ at: 'socket', error: closed() }))
    client.once('end', () => resolve({ at: 'socket', error: closed() }))
    client.once('handshake', (negotiated) => {
      facts.agreed = agreed(negotiated)
    })
    client.once('ready', () => resolve(undefined))
    client.once('change password', () =>
      resolve({ at: 'login', error: new Error('the password has ended and wants to be changed') }),
    )
    const left = [...options.ways]
    client.connect({
      sock: socket,
      username,
      algorithms: ALGORITHMS as unknown as NonNullable<Parameters<Client['connect']>[0]['algorithms']>,
      hostVerifier: (key: Buffer) => {
        facts.hostKey = key
        return isKnown(key)
      },
      authHandler: (offered, _partly, next) => {
        // Nothing yet at the first call.
        if (Array.isArray(offered)) facts.offered = offered.slice(0, 10)
        next(left.shift() ?? (false as unknown as AnyAuthMethod))
      },
    })
  })
  return {
    client,
    ident: ident(),
    hostKey: facts.hostKey,
    agreed: facts.agreed,
    offered: facts.offered,
    failed,
  }
}

/** Reads along until the server has said what it is (RFC 4253 §4.2); other lines may come before that. */
function identOf(socket: Socket): () => string {
  let held = ''
  // Stays paused until ssh2 is ready, too.
  socket.pause()
  const read = (part: Buffer): void => {
    held += part.subarray(0, MAX_IDENT_BYTES).toString('latin1')
    if (held.length > MAX_IDENT_BYTES || /(^|\n)SSH-[^\n]*\n/.test(held)) socket.off('data', read)
  }
  socket.on('data', read)
  return () => {
    const lines = held.split('\n')
    return (lines.find((line) => line.startsWith('SSH-')) ?? lines[0] ?? '').trimEnd()
  }
}

function levelOf(level: string | undefined): SshFailure['at'] {
  switch (level) {
    case 'client-socket':
      return 'socket'
    case 'handshake':
      return 'handshake'
    case 'client-authentication':
      return 'login'
    default:
      return 'protocol'
  }
}

const agreed = ({ kex, serverHostKey, cs, sc }: NegotiatedAlgorithms): Agreed => ({
  kex,
  hostKey: serverHostKey,
  ciphers: [cs.cipher, sc.cipher],
  macs: [cs.mac, sc.mac],
})

/** As a socket fails that the other side has closed. */
export const closed = (): Error => Object.assign(new Error('closed'), { code: 'ECONNRESET' })

/** What a server of SFTP says of one request; the code is that of the protocol (draft-ietf-secsh-filexfer-02 §7). */
export type Said<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly isEnd: boolean }

const END_OF_FILE = 1

/** Waits for the callback of ssh2, or for the end of the connection. */
export function said<T>(
  client: Client,
  ask: (done: (error: (Error & { code?: number | string }) | undefined | null, value: T) => void) => void,
): Promise<Said<T>> {
  return new Promise((resolve, reject) => {
    const over = (): void => reject(closed())
    client.once('close', over)
    try {
      ask((error, value) => {
        client.off('close', over)
        if (!error) resolve({ ok: true, value })
        else resolve({ ok: false, message: error.message, isEnd: error.code === END_OF_FILE })
      })
    } catch {
      // ssh2 throws where the connection is closed already.
      over()
    }
  })
}

/** Starts the subsystem. */
export const openSftp = (client: Client): Promise<Said<SFTPWrapper>> =>
  said<SFTPWrapper>(client, (done) => client.sftp(done))
