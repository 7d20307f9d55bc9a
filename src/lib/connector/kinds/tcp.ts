import { defineKind } from '../kind.ts'
import { LineReader } from '../probe/lines.ts'
import { optional, text } from '../settings.ts'

/** Any server that takes connections. It says little; where there is a kind for the protocol, that one says more. */
export const tcp = defineKind({
  id: 'tcp',
  title: 'TCP connection',
  schemes: ['tcp:'],
  credentials: 'none',
  source: 'RFC 9293; the greeting is the operator’s',
  healthy: 'A connection is taken; with a banner, the first line of the server contains it.',
  settings: {
    banner: optional(text('Text that the first line of the server contains.')),
  },
  conditions: {
    connection: 'A connection is taken.',
    banner: 'The server greets as expected.',
  },
  check: async (probe, { banner }) => {
    await probe.talk('connection', false, async ({ socket }) => {
      probe.expect('connection', { met: true, expected: 'a connection', seen: 'a connection' })
      if (banner === undefined) return
      const line = await new LineReader(socket, probe.url.host).line()
      probe.expect('banner', { met: line.includes(banner), expected: banner, seen: line })
    })
  },
})
