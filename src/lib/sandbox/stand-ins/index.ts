import type { StandIn } from './stand-in.ts'

/** Every stand-in by the id of its kind. One line each; the file is loaded when it is opened. */
export const STAND_INS: Readonly<Record<string, () => Promise<StandIn>>> = {
  http: async () => (await import('./http.ts')).http,
  'health-json': async () => (await import('./health-json.ts')).healthJson,
  cmis: async () => (await import('./cmis.ts')).cmis,
  enaio: async () => (await import('./enaio.ts')).enaio,
  dvelop: async () => (await import('./dvelop.ts')).dvelop,
  epaybl: async () => (await import('./epaybl.ts')).epaybl,
  oidc: async () => (await import('./oidc.ts')).oidc,
  oauth2: async () => (await import('./oauth2.ts')).oauth2,
  fitconnect: async () => (await import('./fitconnect.ts')).fitconnect,
  liferay: async () => (await import('./liferay.ts')).liferay,
  saml: async () => (await import('./saml.ts')).saml,
  soap: async () => (await import('./soap.ts')).soap,
  xzufi: async () => (await import('./xzufi.ts')).xzufi,
  tcp: async () => (await import('./tcp.ts')).tcp,
  tls: async () => (await import('./tls.ts')).tls,
  sftp: async () => (await import('./sftp.ts')).sftp,
  smtp: async () => (await import('./smtp.ts')).smtp,
}
