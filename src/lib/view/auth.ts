import type { CredentialSource } from '../config/credentials.ts'
import type { LoginStatus } from '../tenant/login.ts'
import type { Lang } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Column } from './table.ts'

/** Where credentials are, as people read it. */
function sourceText(from: CredentialSource, lang: Lang): string {
  switch (from.kind) {
    case 'file':
    case 'store':
      return { de: `Datei ${from.path}`, en: `file ${from.path}` }[lang]
    case 'environment':
      return { de: `Umgebung ${from.variable}`, en: `environment ${from.variable}` }[lang]
    case 'helper':
      return { de: `Hilfsprogramm ${from.helper}`, en: `helper ${from.helper}` }[lang]
  }
}

/** Columns of `auth status`. */
export function statusColumns(lang: Lang): readonly Column<LoginStatus>[] {
  return [
    { key: 'profile', title: { de: 'Profil', en: 'profile' }, value: ({ profile }) => profile.name },
    { key: 'url', title: { de: 'Adresse', en: 'url' }, value: ({ profile }) => profile.url.origin },
    { key: 'layout', title: { de: 'Aufbau', en: 'layout' }, value: ({ profile }) => profile.layout },
    { key: 'client_id', title: { de: 'Client', en: 'client' }, value: ({ clientId }) => clientId },
    {
      key: 'credentials',
      title: { de: 'Zugangsdaten', en: 'credentials' },
      value: ({ from }) => (from === null ? null : sourceText(from, lang)),
    },
    { key: 'problem', title: { de: 'Problem', en: 'problem' }, value: ({ problem }) => problem },
  ]
}

/** `auth status --json`. */
export const statusJson = (all: readonly LoginStatus[]) => ({ schemaVersion: 1, profiles: all.map(oneJson) })

const oneJson = ({ profile, clientId, from, problem }: LoginStatus) => ({
  profile: profile.name,
  url: profile.url.href,
  layout: profile.layout,
  clientId,
  credentials: from?.kind ?? null,
  problem,
})

export function noProfiles(lang: Lang): string {
  return {
    de: 'Noch kein Profil. Anlegen: ozgctl auth login NAME --url https://…\n',
    en: 'No profile yet. Make one: ozgctl auth login NAME --url https://…\n',
  }[lang]
}

/** What became of a login. */
export interface LoginResult {
  readonly profile: string
  readonly dryRun: boolean
  /** Where the credentials are now; null in a dry run. */
  readonly stored: CredentialSource | null
  readonly verified: boolean
}

export function loginText({ profile, dryRun, stored, verified }: LoginResult, lang: Lang): string {
  if (dryRun)
    return {
      de: `Probelauf: es wird nichts geändert.\n${profile}: das Portal nimmt die Zugangsdaten${verified ? '' : ' – nicht geprüft'}\nProbelauf: es wird nichts geändert.\n`,
      en: `Dry run: nothing is changed.\n${profile}: the portal takes the credentials${verified ? '' : ' – not verified'}\nDry run: nothing is changed.\n`,
    }[lang]
  const where = stored === null ? '' : sourceText(stored, lang)
  const checked = verified
    ? { de: 'geprüft', en: 'verified' }[lang]
    : { de: 'nicht geprüft', en: 'not verified' }[lang]
  return `${neutralTerminal(`${profile}: ${checked}, ${where}`)}\n`
}

/** `auth login --json`. */
export const loginJson = ({ profile, dryRun, stored, verified }: LoginResult) => ({
  schemaVersion: 1,
  dryRun,
  profile,
  credentials: stored?.kind ?? null,
  verified,
})

/** What became of a logout. */
export function logoutText(
  profile: string,
  from: CredentialSource | undefined,
  dryRun: boolean,
  lang: Lang,
): string {
  const dry = dryRun
    ? { de: 'Probelauf: es wird nichts geändert.\n', en: 'Dry run: nothing is changed.\n' }[lang]
    : ''
  const none = { de: `${profile}: es waren keine gespeichert`, en: `${profile}: none were stored` }[lang]
  const gone = {
    de: `${profile}: gelöscht aus ${from === undefined ? '' : sourceText(from, lang)}. Im Portal gelten sie weiter, bis sie dort gesperrt werden.`,
    en: `${profile}: erased from ${from === undefined ? '' : sourceText(from, lang)}. The portal accepts them until they are revoked there.`,
  }[lang]
  return `${dry}${neutralTerminal(from === undefined ? none : gone)}\n${dry}`
}

/** `auth logout --json`. */
export const logoutJson = (profile: string, from: CredentialSource | undefined, dryRun: boolean) => ({
  schemaVersion: 1,
  dryRun,
  profile,
  erasedFrom: from?.kind ?? null,
})
