import { TLSSocket } from 'node:tls'
import { selfSigned } from '../self-signed.ts'
import { tcpStandIn } from './tcp-stand-in.ts'

const DAY_MS = 86_400_000

/** A server with a certificate of its own. */
export const tls = tcpStandIn({
  kind: 'tls',
  wrong: 'Its certificate is another one than the trusted one, and has expired.',
  prepare: async ({ now }) => {
    const time = now().getTime()
    const lasting = (days: number) =>
      selfSigned({
        commonName: 'ozgctl sandbox',
        names: ['127.0.0.1', 'localhost'],
        notBefore: time - 60 * DAY_MS,
        notAfter: time + days * DAY_MS,
      })
    const identities = { healthy: lasting(365), wrong: lasting(-1) }
    return {
      url: (port) => `tls://127.0.0.1:${port}`,
      settings: {},
      wantsCredentials: false,
      ca: `${identities.healthy.cert}${identities.wrong.cert}`,
      serve: (socket, mode) => {
        new TLSSocket(socket, { isServer: true, ...identities[mode] }).on('error', () => undefined)
      },
    }
  },
})
