import { tcpStandIn } from './tcp-stand-in.ts'

/** A server that greets. */
export const tcp = tcpStandIn({
  kind: 'tcp',
  wrong: 'It greets as another service does.',
  prepare: async () => ({
    url: (port) => `tcp://127.0.0.1:${port}`,
    settings: { banner: 'ozgctl sandbox' },
    wantsCredentials: false,
    serve: (socket, mode) => {
      socket.write(mode === 'wrong' ? 'another service\r\n' : 'ozgctl sandbox\r\n')
    },
  }),
})
