import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { selfSigned } from '../self-signed.ts'
import type { StandInControl } from './stand-in.ts'
import { tcpStandIn } from './tcp-stand-in.ts'

const DAY_MS = 86_400_000

interface Offered {
  readonly tls: { readonly cert: string; readonly key: string }
  /** What AUTH PLAIN has to say. */
  readonly login: string
}

/** A mail server that takes mail for nobody. */
export const smtp = tcpStandIn({
  kind: 'smtp',
  wrong: 'The credentials are refused.',
  prepare: async (control) => {
    const time = control.now().getTime()
    const names = ['127.0.0.1', 'localhost']
    const lasts = { notBefore: time - DAY_MS, notAfter: time + 365 * DAY_MS }
    const tls = selfSigned({ commonName: 'ozgctl sandbox', names, ...lasts })
    return {
      url: (port) => `smtp://127.0.0.1:${port}`,
      settings: { from: 'portal@example.invalid' },
      wantsCredentials: true,
      ca: tls.cert,
      serve: (socket, mode) => {
        const login = mode === 'wrong' ? '' : plainLogin(control)
        socket.write('220 sandbox ESMTP\r\n')
        answerIn(socket, { tls, login }, false)
      },
    }
  },
})

/** RFC 4616. */
const plainLogin = ({ clientId, clientSecret }: StandInControl): string =>
  Buffer.from(`\0${clientId}\0${clientSecret}`).toString('base64')

function answerIn(line: Duplex, offered: Offered, isSecure: boolean): void {
  const lines = createInterface(line)
  // A client that leaves is told to both.
  line.on('error', () => undefined)
  lines.on('error', () => undefined)
  // It tells the errors of its input as its own, and one that nobody hears ends the sandbox.
  lines.on('error', () => undefined)
  lines.on('line', (text) => {
    const [verb = '', ...words] = text.split(' ')
    const say = (reply: string): void => void line.write(`${reply}\r\n`)
    switch (verb.toUpperCase()) {
      case 'EHLO':
        return say(`250-sandbox\r\n${isSecure ? '250 AUTH PLAIN' : '250 STARTTLS'}`)
      case 'STARTTLS':
        say('220 go ahead')
        lines.close()
        line.removeAllListeners('data')
        return answerIn(secured(line, offered), offered, true)
      case 'AUTH':
        return say(words[1] === offered.login ? '235 welcome' : '535 wrong')
      case 'QUIT':
        return void line.end('221 bye\r\n')
      default:
        return say('250 fine')
    }
  })
}

const secured = (line: Duplex, { tls }: Offered): Duplex =>
  new TLSSocket(line as ConstructorParameters<typeof TLSSocket>[0], { isServer: true, ...tls })
