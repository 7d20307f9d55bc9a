import type { X509Certificate } from 'node:crypto'
import type { TlsFacts } from '../model.ts'
import type { Probe } from './probe.ts'
import { certificateFacts, UNREADABLE_TIME } from './tls-facts.ts'

/** Leaf and chain apart: an authority that ends first is another's work than a certificate of one's own. */
export function expectUnexpired(probe: Probe, { server, chain }: TlsFacts): void {
  const [leaf, ...others] = chain
  if (leaf === undefined) return
  expectValid(probe, 'leaf-expiry', `${server}: ${leaf.subject}`, leaf)
  const first = others.reduce((least, one) => (one.validTo < least.validTo ? one : least), others[0] ?? leaf)
  if (first !== leaf) expectValid(probe, 'chain-expiry', `${server}: ${first.subject}`, first)
}

/** The certificate that we show: when it ends, the other side refuses us. */
export function expectIdentity(probe: Probe, certificate: X509Certificate): void {
  const facts = certificateFacts(certificate)
  expectValid(probe, 'client-expiry', `certificate of the client: ${facts.subject}`, facts)
}

/**
 * Records how long something is still valid: critical and warning by the thresholds of the connector, as a condition of
 * the part `certificate`.
 * @param what is shown before the days
 */
export function expectValid(
  probe: Probe,
  id: string,
  what: string,
  { validFrom, validTo }: { readonly validFrom: number; readonly validTo: number },
): void {
  const { warningMs, criticalMs } = probe.thresholds
  const now = probe.now.getTime()
  const left = validTo - now
  const isReadable = validFrom !== UNREADABLE_TIME && validTo !== UNREADABLE_TIME
  const isCritical = !isReadable || left <= criticalMs || validFrom > now
  probe.expect(id, {
    part: 'certificate',
    met: !isCritical && left > warningMs,
    severity: isCritical ? 'critical' : 'warning',
    expected: `valid for more than ${days(isCritical ? criticalMs : warningMs)} days`,
    seen: `${what} ${isReadable ? `${validity(left, validFrom > now)} (${minute(validFrom > now ? validFrom : validTo)})` : 'has a time that cannot be read'}`,
    hint: 'Have the certificate renewed.',
  })
}

const minute = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`

const DAY_MS = 86_400_000
const days = (milliseconds: number): number => Math.floor(milliseconds / DAY_MS)

function validity(left: number, isFuture: boolean): string {
  if (isFuture) return 'is not valid yet'
  return left <= 0 ? `expired ${days(-left)} days ago` : `is valid for ${days(left)} days`
}
