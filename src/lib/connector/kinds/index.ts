import type { Kind } from '../kind.ts'

/** Every kind by its id. One line each; the file is loaded when a connector needs it. */
const KINDS = {
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
} as const satisfies Readonly<Record<string, () => Promise<Kind>>>

export type KindId = keyof typeof KINDS
export const KIND_IDS = Object.keys(KINDS) as readonly KindId[]

export const isKindId = (text: string): text is KindId => Object.hasOwn(KINDS, text)

/** What a kind is and does. */
export async function loadKind(id: KindId): Promise<Kind> {
  return KINDS[id]()
}
