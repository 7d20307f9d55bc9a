import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { OpenStandIn, StandIn, StandInControl } from './stand-in.ts'

/** What a stand-in of a protocol over TCP is, but for its name. */
interface Served {
  /** Address of the connector, of its port. */
  readonly url: (port: number) => string
  readonly settings: Readonly<Record<string, unknown>>
  readonly wantsCredentials: boolean
  /** Authority of its certificate, PEM. */
  readonly ca?: string | undefined
  /** Talks with a client; the socket is destroyed when the stand-in closes. */
  readonly serve: (socket: Socket, mode: 'healthy' | 'wrong') => void
}

interface TcpStandIn {
  readonly kind: string
  readonly wrong: string
  /** Made anew for each stand-in that opens. */
  readonly prepare: (control: StandInControl) => Promise<Served>
}

/** A stand-in that speaks another protocol than HTTP: slow and down are the same for all of them. */
export const tcpStandIn = ({ kind, wrong, prepare }: TcpStandIn): StandIn => ({
  kind,
  wrong,
  open: async (control) => listen(await prepare(control), control),
})

async function listen(served: Served, control: StandInControl): Promise<OpenStandIn> {
  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const mode = control.mode()
    if (mode === 'down') {
      socket.resetAndDestroy()
      return
    }
    if (mode !== 'slow') return served.serve(socket, mode)
    const timer = setTimeout(() => {
      timers.delete(timer)
      served.serve(socket, 'healthy')
    }, control.slowMs)
    timers.add(timer)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: served.url(port),
    settings: served.settings,
    wantsCredentials: served.wantsCredentials,
    ca: served.ca,
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
