import { httpStandIn } from './http-stand-in.ts'

const BASE = '/konnektor/epayment/fachverfahren/v1_0/mandanten/B000004/bewirtschafter/BW100001'

/** ePayBL for one Mandant. */
export const epaybl = httpStandIn({
  kind: 'epaybl',
  wrong: 'The platform says that the Bewirtschafter is locked.',
  path: '/konnektor',
  wantsCredentials: false,
  settings: () => ({ mandant: 'B000004', bewirtschafter: 'BW100001' }),
  reply: (request, mode) => {
    switch (request.path) {
      case `${BASE}/status`:
        return {
          status: 200,
          body: {
            ergebnis:
              mode === 'wrong'
                ? { rc: '-0017', ergebnistext: 'Bewirtschafter gesperrt' }
                : { rc: '+0000', ergebnistext: 'OK' },
          },
        }
      case `${BASE}/zahlverfahren`:
        return {
          status: 200,
          body: {
            zahlverfahren: [{ zahlverfahrencode: 'KREDITKARTE', minimalbetrag: 1, maximalbetrag: 999_999 }],
          },
        }
      default:
        return { status: 403 }
    }
  },
})
