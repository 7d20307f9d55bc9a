import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Connection, SFTPWrapper } from 'ssh2'
import { withoutTail } from '../../text.ts'
import type { StandInControl } from './stand-in.ts'
import { tcpStandIn } from './tcp-stand-in.ts'

const FOLDER = '/eingang'
const DIRECTORY = 0o040755

/** A drop of files with one folder that is always empty. */
export const sftp = tcpStandIn({
  kind: 'sftp',
  wrong: 'The folder is gone.',
  prepare: async (control) => {
    const { default: ssh2 } = await import('ssh2')
    // Made by Node: of the keys that ssh2 makes itself, one in some thousands cannot be read back.
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const hostKey = pair.privateKey.export({ type: 'sec1', format: 'pem' })
    const parsed = ssh2.utils.parseKey(hostKey)
    if (parsed instanceof Error) throw parsed
    const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64')
    return {
      url: (port) => `sftp://127.0.0.1:${port}${FOLDER}`,
      settings: { hostKey: `SHA256:${withoutTail(digest, '=')}` },
      wantsCredentials: true,
      serve: (socket, mode) => {
        const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => serve(client, control, mode))
        server.injectSocket(socket)
      },
    }
  },
})

function serve(
  client: Connection,
  { clientId, clientSecret }: StandInControl,
  mode: 'healthy' | 'wrong',
): void {
  client.on('error', () => undefined)
  client.on('authentication', (attempt) => {
    const isKnown =
      attempt.method === 'password' && attempt.username === clientId && attempt.password === clientSecret
    if (isKnown) attempt.accept()
    else attempt.reject(['password'])
  })
  client.on('ready', () => {
    client.on('session', (accept) => {
      accept().on('sftp', (open) => answerIn(open(), mode))
    })
  })
}

/** draft-ietf-secsh-filexfer-02 §7. */
const [OK, EOF, NO_SUCH_FILE] = [0, 1, 2]

function answerIn(session: SFTPWrapper, mode: 'healthy' | 'wrong'): void {
  const isThere = (path: string): boolean => mode === 'healthy' && path === FOLDER
  const attributes = { mode: DIRECTORY, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
  const stat = (id: number, path: string): void => {
    if (isThere(path)) session.attrs(id, attributes)
    else session.status(id, NO_SUCH_FILE)
  }
  session.on('STAT', stat)
  session.on('LSTAT', stat)
  session.on('OPENDIR', (id, path) => {
    if (isThere(path)) session.handle(id, Buffer.from('folder'))
    else session.status(id, NO_SUCH_FILE)
  })
  session.on('READDIR', (id) => session.status(id, EOF))
  session.on('CLOSE', (id) => session.status(id, OK))
}
