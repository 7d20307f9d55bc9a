import { usageError } from '../../errors.ts'
import { defineKind } from '../kind.ts'
import { portOf } from '../probe/probe.ts'
import { Reader } from '../probe/reader.ts'
import { optional, text } from '../settings.ts'

/** A port that takes connections, for protocols that ozgctl does not speak. */
export const tcp = defineKind({
  id: 'tcp',
  title: 'TCP port',
  schemes: ['tcp:'],
  credentials: 'none',
  source: 'RFC 9293',
  healthy:
    'The port takes a connection and, where a banner is named, begins with it. That says little about the system behind it: take a kind that speaks its protocol where there is one.',
  settings: {
    banner: optional(text('Text that stands in the first line that the server sends by itself.')),
  },
  conditions: {
    connection: 'The port takes a connection.',
    banner: 'The first line has the text in it.',
  },
  check: async (probe, { banner }) => {
    if (portOf(probe.url) === 0)
      throw usageError('PORT_MISSING', 'the address has no port', ['It is like tcp://host.example.de:3299.'])
    await probe.talk('connection', false, async ({ socket, where }) => {
      probe.expect('connection', { met: true, expected: 'a connection', seen: `connected to ${where}` })
      if (banner === undefined) return
      const line = await new Reader(socket, where).beginning()
      probe.expect('banner', {
        met: line.includes(banner),
        expected: `a first line with ${JSON.stringify(banner)}`,
        seen: JSON.stringify(line),
      })
    })
  },
})
