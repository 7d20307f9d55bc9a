import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { DIRECT, dial, Resolver } from '../../../src/lib/connector/probe/dial.ts'

/** Names of hosts as a test wants them. */
class Names extends Resolver {
  readonly #addresses: readonly string[]

  constructor(...addresses: readonly string[]) {
    super()
    this.#addresses = addresses
  }

  override async resolve() {
    return this.#addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
}

async function dialed(port: number, ...addresses: readonly string[]) {
  const { socket } = await dial({
    host: 'dms.example',
    port,
    route: DIRECT,
    secure: false,
    tunnel: false,
    resolver: new Names(...addresses),
    signal: new AbortController().signal,
    onTls: () => undefined,
    onIdentity: () => undefined,
    onPhase: () => undefined,
  })
  onTestFinished(() => void socket.destroy())
  return socket.remoteAddress
}

async function listener(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.each([
  ['IPv6 is dead and IPv4 alive', ['::1', '127.0.0.1']],
  ['IPv4 comes first', ['127.0.0.1', '::1']],
  ['the first of two is dead', ['127.0.0.2', '127.0.0.1']],
])('it connects where %s', async (_name, addresses) => {
  expect(await dialed(await listener(), ...addresses)).toBe('127.0.0.1')
})

test('all addresses that are dead are one failure', async () => {
  const port = await listener()
  await expect(dialed(port, '::1', '127.0.0.2')).rejects.toMatchObject({
    phase: 'connect',
    fault: 'refused',
    message: `nobody listens at dms.example:${port}`,
  })
})
