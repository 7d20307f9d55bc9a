import { httpStandIn } from './http-stand-in.ts'

const HOUR_MS = 3_600_000

/** An editorial system that hands over its Leistungen every night. */
export const xzufi = httpStandIn({
  kind: 'xzufi',
  wrong: 'The transfer is ten days old: the nightly export does not run any more.',
  path: '/export/leistungen.xml',
  wantsCredentials: false,
  settings: () => ({ version: '2.2', maxAge: '2d' }),
  reply: ({ path }, mode, { now }) => {
    if (path !== '/export/leistungen.xml') return { status: 404 }
    const created = new Date(now().getTime() - (mode === 'wrong' ? 240 : 1) * HOUR_MS).toISOString()
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0" encoding="UTF-8"?>
<xzufi:transfer xmlns:xzufi="http://xoev.de/schemata/xzufi/2_2_0" xzufiVersion="2.2.0">
  <xzufi:nachrichtenkopf><xzufi:erstelltDatumZeit>${created}</xzufi:erstelltDatumZeit></xzufi:nachrichtenkopf>
  <xzufi:schreibe><xzufi:leistung><xzufi:id schemeAgencyID="SANDBOX" schemeID="LB">1</xzufi:id></xzufi:leistung></xzufi:schreibe>
</xzufi:transfer>
`,
    }
  },
})
