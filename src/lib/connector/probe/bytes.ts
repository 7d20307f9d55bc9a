import type { Socket } from 'node:net'
import { ProbeFailure } from './failure.ts'

/** The next bytes of a connection, at least one and at most as many as are asked for. @throws ProbeFailure when it closes */
export function someBytes(socket: Socket, most: number, where: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off('readable', onReadable)
      socket.off('close', onClose)
    }
    const onReadable = (): void => {
      const found = (socket.read(Math.min(most, socket.readableLength)) ?? null) as Buffer | null
      if (found === null) return
      done()
      resolve(found)
    }
    const onClose = (): void => {
      done()
      reject(new ProbeFailure('body', 'reset', `${where} closed the connection`))
    }
    socket.on('readable', onReadable)
    socket.once('close', onClose)
  })
}
