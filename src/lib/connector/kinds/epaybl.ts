import { defineKind } from '../kind.ts'
import type { HttpReply } from '../probe/exchange.ts'
import { describe, fieldOf, requireJson } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { text } from '../settings.ts'

const PART = /^[A-Za-z0-9_-]{1,50}$/

/** ePayBL, the payment platform of Bund and Länder, by its REST interface for Fachverfahren. */
export const epaybl = defineKind({
  id: 'epaybl',
  title: 'ePayBL, REST interface for Fachverfahren',
  schemes: ['https:', 'http:'],
  credentials: 'none',
  source:
    'ePayBL fachverfahren/v1_0 as other clients use it: status and zahlverfahren; the client shows a certificate (tls.pfx)',
  healthy: 'For this Mandant and Bewirtschafter the status is +0000, and there is a way to pay.',
  settings: {
    mandant: text('Number of the Mandant, e.g. B000004.', PART),
    bewirtschafter: text('Number of the Bewirtschafter, e.g. BW100001.', PART),
  },
  conditions: {
    'status-status': 'The platform answers for Mandant and Bewirtschafter.',
    'status-json': 'The answer is JSON.',
    'result-code': 'It says +0000.',
    'zahlverfahren-status': 'It lists the ways to pay.',
    'zahlverfahren-json': 'The list is JSON.',
    zahlverfahren: 'There is at least one.',
  },
  check: async (probe, { mandant, bewirtschafter }) => {
    const base = `epayment/fachverfahren/v1_0/mandanten/${mandant}/bewirtschafter/${bewirtschafter}`
    const status = await ask(probe, 'status', `${base}/status`)
    const result = fieldOf(status, 'ergebnis')
    const code = fieldOf(result, 'rc')
    probe.expect('result-code', {
      met: code === '+0000',
      expected: '+0000',
      seen: `${describe(code)} ${describe(fieldOf(result, 'ergebnistext') ?? '')}`,
    })
    const listed = await ask(probe, 'zahlverfahren', `${base}/zahlverfahren`)
    const list = fieldOf(listed, 'zahlverfahren')
    const codes = (Array.isArray(list) ? (list as readonly unknown[]) : [])
      .slice(0, 50)
      .map((one) => fieldOf(one, 'zahlverfahrencode'))
    probe.expect('zahlverfahren', {
      met: codes.some((one) => typeof one === 'string' && one !== ''),
      severity: 'warning',
      expected: 'a way to pay',
      seen: codes.length === 0 ? 'none' : codes.map(describe).join(', '),
    })
  },
})

async function ask(probe: Probe, name: string, path: string): Promise<unknown> {
  const reply = await probe.http(name, { url: probe.below(path), headers: { accept: 'application/json' } })
  probe.require(`${name}-status`, {
    met: reply.status === 200,
    expected: 'HTTP 200',
    seen: `HTTP ${reply.status}`,
    hint: hintFor(reply),
  })
  return requireJson(probe, name, reply)
}

function hintFor({ status }: HttpReply): string | undefined {
  if (status === 401) return 'The certificate of the client is missing or not accepted: tls.pfx.'
  if (status === 403) return 'The certificate is not registered for this Mandant or Bewirtschafter.'
  return status === 404 ? 'Is the address right? It ends before /epayment.' : undefined
}
