import { createHash, generateKeyPairSync } from 'node:crypto'
import ssh2, { type Connection, type ServerConfig } from 'ssh2'
import { talkServer } from './talk-server.ts'

const { Server, utils } = ssh2

export interface FakeSftp {
  readonly host: string
  readonly fingerprint: string
  /** Passwords that were sent to it. */
  readonly passwords: readonly string[]
}

interface FakeOptions {
  readonly algorithms?: ServerConfig['algorithms']
  readonly hostKey?: string
  /** How it takes a log-in by password or question; only `secret` where nothing is said. */
  readonly onClient?: (client: Connection) => void
  readonly banner?: string
}

/** An SSH server with passwords, which a real one would need a user of the system for. It has no folders. */
export async function fakeSftp({
  algorithms,
  hostKey = newKey(),
  onClient,
  banner,
}: FakeOptions = {}): Promise<FakeSftp> {
  const passwords: string[] = []
  const server = new Server(
    {
      hostKeys: [hostKey],
      ...(algorithms === undefined ? {} : { algorithms }),
      ...(banner === undefined ? {} : { banner }),
    },
    (client) => {
      client.on('error', () => undefined)
      client.on('authentication', (context) => {
        if (context.method === 'password') passwords.push(context.password)
        if (context.method === 'password' && context.password === 'secret') context.accept()
        else context.reject(['password'])
      })
      onClient?.(client)
    },
  )
  server.on('error', () => undefined)
  const { host } = await talkServer((socket) => server.injectSocket(socket))
  const parsed = utils.parseKey(hostKey)
  if (parsed instanceof Error) throw parsed
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64')
  return { host, fingerprint: `SHA256:${digest.replace(/=+$/, '')}`, passwords }
}

/** A key for a server. */
/** Not by ssh2: now and then it writes a key that it cannot read itself. */
export const newKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  }).privateKey

export const rsaKey = (bits: number): string =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey
