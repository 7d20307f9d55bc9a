import { expect, test } from 'vitest'
import { fitconnect } from '../../../src/lib/connector/kinds/fitconnect.ts'
import { soap } from '../../../src/lib/connector/kinds/soap.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import { checkOf, unmetOf } from '../../support/probe.ts'

const LOGIN = ['operator', 'a secret of the test'] as const

test('credentials of a connector go to its own address and to no other', async () => {
  const wsdl = await faultServer([answer(200, '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>')])
  const envelope = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>'
  const service = await faultServer([answer(200, envelope)])
  await checkOf(soap, {
    url: service.origin,
    settings: { wsdl: `${wsdl.origin}?wsdl`, operation: 'empty' },
    login: LOGIN,
  })
  const sent = (server: typeof wsdl) =>
    server.requests.map(({ headers }) => headers.authorization !== undefined)
  expect([sent(wsdl), sent(service)]).toEqual([[false], [true]])
})

test('a token elsewhere is fetched with credentials that may be sent there', async () => {
  const tokens = await faultServer([
    answer(200, '{"access_token":"t","token_type":"Bearer","expires_in":60}', {
      'cache-control': 'no-store',
    }),
  ])
  const askedFor: string[] = []
  const report = await checkOf(fitconnect, {
    url: 'http://127.0.0.1:9/destination-api',
    settings: { api: 'destination', tokenUrl: `${tokens.origin}token` },
    login: LOGIN,
    askedFor,
  })
  expect(unmetOf(report)).toEqual([])
  expect(askedFor).toEqual([tokens.origin.origin])
})
