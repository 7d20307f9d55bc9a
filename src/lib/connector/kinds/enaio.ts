import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf, isRecord } from '../probe/json.ts'
import { optional, texts } from '../settings.ts'

/** enaio by OPTIMAL SYSTEMS, through its gateway. */
export const enaio = defineKind({
  id: 'enaio',
  title: 'enaio gateway',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source:
    'ngx-enaio (OPTIMAL SYSTEMS, 2020), services serviceinfo and session; whether ping needs a session differs',
  healthy:
    'The service answers a ping with a number and names its version; with credentials, a session is opened for them.',
  settings: {
    services: optional(
      texts('Services that must be there, e.g. fulltext, renditioncache, documentviewer.'),
      [],
    ),
  },
  conditions: {
    'ping-status': 'The service answers a ping.',
    'ping-json': 'It answers with JSON.',
    ping: 'What it answers is a number.',
    'info-status': 'It describes itself.',
    'info-json': 'The description is JSON.',
    version: 'It names its version.',
    service: 'A service that the connector wants is there; those after the first are numbered.',
    'session-status': 'The credentials are accepted.',
    'session-json': 'The answer to the log-in is JSON.',
  },
  check: async (probe, { services }) => {
    const headers = await probe.basic()
    const ping = await askJson(probe, 'ping', { url: probe.below('osrest/api/serviceinfo/ping'), headers })
    probe.expect('ping', { met: typeof ping === 'number', expected: 'a number', seen: describe(ping) })
    const info = await askJson(probe, 'info', { url: probe.below('osrest/api/serviceinfo'), headers })
    const version = fieldOf(info, 'serverVersion') ?? fieldOf(info, 'apiVersion')
    probe.expect('version', {
      met: version !== undefined && version !== '',
      expected: 'serverVersion',
      seen: describe(version),
    })
    const there = fieldOf(info, 'services')
    for (const [at, name] of services.entries())
      probe.expect(at === 0 ? 'service' : `service-${at + 1}`, {
        met: Boolean(fieldOf(there, name)),
        expected: `the service ${name}`,
        seen: isRecord(there) ? Object.keys(there).slice(0, 20).join(', ') : describe(there),
      })
    if (probe.hasCredentials)
      await askJson(probe, 'session', { url: probe.below('osrest/api/session'), headers })
  },
})
