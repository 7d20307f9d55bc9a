import { expect, test } from 'vitest'
import { isKindId, loadKind } from '../../../src/lib/connector/kinds/index.ts'
import { DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { STAND_INS } from '../../../src/lib/sandbox/stand-ins/index.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { standIn } from '../../support/stand-in.ts'

/** What each stand-in fails with when it is told to be wrong. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  http: ['json'],
  'health-json': ['status', 'component'],
  cmis: ['repository'],
  enaio: ['service'],
  dvelop: ['repository'],
  epaybl: ['result-code'],
  oidc: ['issuer'],
  oauth2: ['token-status'],
  fitconnect: ['signed-destination'],
  liferay: ['account-status'],
  saml: ['valid-until'],
  soap: ['account'],
  xzufi: ['age'],
  tcp: ['banner'],
  tls: ['reachable'],
  sftp: ['folder'],
  smtp: ['login'],
}

test.each(Object.keys(STAND_INS))(
  'the stand-in of %s is healthy, wrong, down and slow as it is told',
  async (name) => {
    if (!isKindId(name)) throw new Error(`no kind ${name}`)
    const kind = await loadKind(name)
    const definition = await STAND_INS[name]?.()
    if (definition === undefined) throw new Error('no stand-in')
    const system = await standIn(definition)
    const { login, wantsCredentials, ca, ...target } = system
    const route = { ...DIRECT, ca }
    const check = (timeoutMs = 20_000) =>
      checkOf(kind, { ...target, route, ...(wantsCredentials ? { login } : {}), timeoutMs })

    const healthy = await check()
    expect(unmetOf(healthy)).toEqual([])
    expect(statusOf(healthy)).toBe('ok')
    // Every condition has a name in the documentation; those of several of a sort are numbered.
    for (const { id } of conditionsOf(healthy))
      expect(Object.keys(kind.conditions)).toContain(id.replace(/-\d+$/, ''))

    system.set('wrong')
    const wrong = await check()
    expect(conditionsOf(wrong).flatMap(({ id, met }) => (met ? [] : [id]))).toEqual(WRONG[name])
    expect(statusOf(wrong)).toBe('critical')

    system.set('down')
    const down = await check()
    expect(conditionsOf(down).map(({ id }) => id)).toEqual(['reachable'])
    expect(statusOf(down)).toBe('critical')

    system.set('slow')
    const slow = await check(100)
    expect(statusOf(slow)).toBe('critical')
    expect(unmetOf(slow)[0]).toMatch(/^reachable: .* gave no whole answer in time/)
  },
)
