import type { AuditEntry } from '../journal/audit.ts'
import type { StopCause } from '../journal/executor.ts'
import type { Effect, ItemState, Run, RunItem, RunState } from '../journal/model.ts'
import type { Plan } from '../tenant/plan.ts'
import { formatNumber, formatTime, type Lang, type Words } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Column } from './table.ts'

/** What becomes of a run, in words. */
export const RUN_STATES: Readonly<Record<RunState, Words>> = {
  running: { de: 'läuft', en: 'running' },
  stopped: { de: 'angehalten', en: 'stopped' },
  done: { de: 'fertig', en: 'done' },
  partial: { de: 'fertig, mit Fehlern', en: 'done, with failures' },
  cancelled: { de: 'abgebrochen', en: 'cancelled' },
  superseded: { de: 'abgelöst', en: 'superseded' },
}

const ITEM_STATES: Readonly<Record<ItemState, Words>> = {
  pending: { de: 'offen', en: 'pending' },
  running: { de: 'in Arbeit', en: 'running' },
  unknown: { de: 'ungewiss', en: 'unknown' },
  done: { de: 'erledigt', en: 'done' },
  already: { de: 'war schon so', en: 'was so already' },
  failed: { de: 'fehlgeschlagen', en: 'failed' },
  cancelled: { de: 'abgebrochen', en: 'cancelled' },
}

const OPEN = ['pending', 'running', 'unknown'] as const
const openCount = ({ counts }: Run): number => OPEN.reduce((sum, state) => sum + counts[state], 0)
const totalCount = ({ counts }: Run): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** A run with whether somebody works on it now. */
export interface RunNow {
  readonly run: Run
  /** Who, as people read it; undefined when nobody does. */
  readonly holder: string | undefined
}

/** What people are told about a run: one whose process is gone is no running one. */
type ShownState = RunState | 'interrupted'
const shownState = ({ run, holder }: RunNow): ShownState =>
  run.state === 'running' && holder === undefined ? 'interrupted' : run.state

const SHOWN: Readonly<Record<ShownState, Words>> = {
  ...RUN_STATES,
  interrupted: { de: 'unterbrochen', en: 'interrupted' },
}

/** Columns of `run list`. */
export const runColumns: readonly Column<RunNow>[] = [
  { key: 'run', whole: true, title: { de: 'Lauf', en: 'run' }, value: ({ run }) => run.id },
  {
    key: 'state',
    title: { de: 'Zustand', en: 'state' },
    value: shownState,
    show: (value, lang) => SHOWN[value as ShownState][lang],
  },
  { key: 'scope', title: { de: 'Bereich', en: 'scope' }, value: ({ run }) => run.scope },
  { key: 'items', title: { de: 'Änderungen', en: 'items' }, value: ({ run }) => totalCount(run) },
  { key: 'open', title: { de: 'offen', en: 'open' }, value: ({ run }) => openCount(run) },
  { key: 'failed', title: { de: 'Fehler', en: 'failed' }, value: ({ run }) => run.counts.failed },
  {
    key: 'started_at',
    title: { de: 'begonnen (UTC)', en: 'started (UTC)' },
    value: ({ run }) => run.startedAt,
    show: (value) => formatTime(String(value)),
  },
  { key: 'actor', title: { de: 'wer', en: 'who' }, value: ({ run }) => `${run.actor}@${run.host}` },
  { key: 'command', title: { de: 'Befehl', en: 'command' }, value: ({ run }) => run.command, csvOnly: true },
]

/** One run in JSON. */
export function runJson({ run, holder }: RunNow) {
  const { number: _number, options: _options, cancelRequested, ...shown } = run
  return { ...shown, state: shownState({ run, holder }), holder: holder ?? null, cancelRequested }
}

/** `run list --json`. */
export const runsJson = (runs: readonly RunNow[]) => ({ schemaVersion: 1, runs: runs.map(runJson) })

export function noRuns(lang: Lang): string {
  return {
    de: 'Noch kein Lauf. Jeder „tenant apply“ ist einer.\n',
    en: 'No run yet. Every "tenant apply" is one.\n',
  }[lang]
}

/** Columns of the items of a run. */
export const itemColumns: readonly Column<RunItem>[] = [
  {
    key: 'state',
    title: { de: 'Ergebnis', en: 'state' },
    value: (item) => item.state,
    show: (value, lang) => ITEM_STATES[value as ItemState][lang],
  },
  { key: 'action', title: { de: 'Aktion', en: 'action' }, value: (item) => item.action },
  { key: 'key', whole: true, title: { de: 'Schlüssel', en: 'key' }, value: (item) => item.key },
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (item) => item.name },
  { key: 'attempts', title: { de: 'Versuche', en: 'attempts' }, value: (item) => item.attempts },
  { key: 'reason', title: { de: 'Grund', en: 'reason' }, value: (item) => item.reason },
]

/** The lines above the items of a run. */
export function runHead(now: RunNow, lang: Lang): string {
  const { run, holder } = now
  const counts = (Object.keys(ITEM_STATES) as ItemState[])
    .filter((state) => run.counts[state] > 0)
    .map((state) => `${formatNumber(run.counts[state], lang)} ${ITEM_STATES[state][lang]}`)
  const lines = [
    `${run.id}: ${SHOWN[shownState(now)][lang]}, ${run.scope}; ${counts.join(', ')}`,
    `${formatTime(run.startedAt)} ${run.actor}@${run.host}: ${run.command}`,
    ...(holder === undefined ? [] : [{ de: `In Arbeit bei ${holder}`, en: `Held by ${holder}` }[lang]]),
    ...(run.reason === null ? [] : [run.reason]),
  ]
  return lines.map((line) => `${neutralTerminal(line)}\n`).join('')
}

const ofMigration = ({ kind }: Run): boolean => kind === 'migration' || kind === 'rollback'

/** The command that goes on with a run. */
export const resumeCommand = (run: Run): string =>
  `ozgctl ${ofMigration(run) ? 'migration' : 'run'} resume ${run.id}`

/** The command that tries again what failed. */
const retryCommand = (run: Run): string =>
  ofMigration(run) ? `ozgctl migration retry ${run.id}` : `ozgctl run resume ${run.id} --only failed`

/** How to go on with a run; empty where there is nothing to do. */
export function nextStep(now: RunNow, lang: Lang): string {
  const { run, holder } = now
  if (holder !== undefined) return ''
  // Also with nothing open: what follows the items is left then.
  if (run.state === 'running' || run.state === 'stopped')
    return {
      de: `Weiter mit: ${resumeCommand(run)}\n`,
      en: `Go on with: ${resumeCommand(run)}\n`,
    }[lang]
  if (run.counts.failed === 0 || run.state === 'superseded' || run.state === 'cancelled') return ''
  const again = retryCommand(run)
  return { de: `Fehlgeschlagene noch einmal: ${again}\n`, en: `Try the failed ones again: ${again}\n` }[lang]
}

/** The last line of a run that was stopped, or has failures. */
export function stopLine(run: Run, stopped: StopCause | undefined, lang: Lang): string {
  const next = nextStep({ run, holder: undefined }, lang)
  if (stopped === undefined) return next
  return `${neutralTerminal(stopReason(run, stopped, lang))}\n${next}`
}

function stopReason({ counts }: Run, stopped: StopCause, lang: Lang): string {
  switch (stopped.kind) {
    case 'signal':
      return { de: 'Angehalten.', en: 'Stopped.' }[lang]
    case 'cancelled':
      return { de: 'Abgebrochen: es geschieht nichts mehr.', en: 'Cancelled: nothing more is done.' }[lang]
    case 'paused':
      return { de: 'Angehalten, wie verlangt.', en: 'Paused, as asked.' }[lang]
    case 'halted':
      return { de: `Angehalten: ${stopped.reason}`, en: `Stopped: ${stopped.reason}` }[lang]
    case 'failures':
      return {
        de: `Angehalten nach ${stopped.failed} Fehlern.`,
        en: `Stopped after ${stopped.failed} failures.`,
      }[lang]
    case 'unavailable':
      return {
        de: `Angehalten, das Portal antwortet nicht wie nötig: ${stopped.reason}`,
        en: `Stopped, the portal does not do its part: ${stopped.reason}`,
      }[lang]
    case 'unfinished': {
      const { message } = stopped.error
      const done =
        counts.failed === 0
          ? { de: 'Im Portal ist alles erledigt', en: 'In the portal everything is done' }
          : { de: 'Im Portal ist nichts mehr offen', en: 'In the portal nothing is left to do' }
      return {
        de: `${done.de}; seine Kopie im Speicher ist aber nicht erneuert: ${message}`,
        en: `${done.en}; but its copy in the store was not refreshed: ${message}`,
      }[lang]
    }
    case 'error':
      return stopped.error instanceof Error ? stopped.error.message : String(stopped.error)
  }
}

/** `run show --json`. */
export const runShowJson = (now: RunNow, items: readonly RunItem[]) => ({
  schemaVersion: 1,
  run: runJson(now),
  items: items.map(({ key, name, action, state, attempts, reason }) => ({
    key,
    name,
    action,
    state,
    attempts,
    reason,
  })),
})

/** `run resume --json`, `run cancel --json`, the last document of `run watch --json`. */
export const runResultJson = (now: RunNow, dryRun: boolean) => ({
  schemaVersion: 1,
  dryRun,
  run: runJson(now),
})

/** One line of `run watch`. */
export function watchLine({ run }: RunNow, lang: Lang): string {
  const open = openCount(run)
  const total = totalCount(run)
  const failed =
    run.counts.failed > 0 ? `, ${formatNumber(run.counts.failed, lang)} ${ITEM_STATES.failed[lang]}` : ''
  const of = { de: 'von', en: 'of' }[lang]
  return `${run.id}: ${formatNumber(total - open, lang)} ${of} ${formatNumber(total, lang)}${failed}\n`
}

const EVENTS: Readonly<Record<string, Words>> = {
  started: { de: 'begonnen', en: 'started' },
  resumed: { de: 'fortgesetzt', en: 'resumed' },
  stopped: { de: 'angehalten', en: 'stopped' },
  finished: { de: 'beendet', en: 'finished' },
  cancelled: { de: 'abgebrochen', en: 'cancelled' },
  'cancel requested': { de: 'Abbruch verlangt', en: 'cancel requested' },
  approved: { de: 'gebilligt', en: 'approved' },
  repaired: { de: 'nachgetragen', en: 'repaired' },
  'pause requested': { de: 'Pause verlangt', en: 'pause requested' },
  superseded: { de: 'abgelöst', en: 'superseded' },
}

/** Columns of `run log`. */
export const auditColumns: readonly Column<AuditEntry>[] = [
  { key: 'seq', title: { de: 'Nr.', en: 'no.' }, value: (entry) => entry.seq },
  {
    key: 'at',
    title: { de: 'wann (UTC)', en: 'when (UTC)' },
    value: (entry) => entry.at,
    show: (value) => formatTime(String(value)),
  },
  { key: 'actor', title: { de: 'wer', en: 'who' }, value: (entry) => `${entry.actor}@${entry.host}` },
  {
    key: 'run',
    title: { de: 'Lauf', en: 'run' },
    value: (entry) => (entry.run === null ? '' : `run-${entry.run}`),
  },
  {
    key: 'event',
    title: { de: 'was', en: 'what' },
    value: (entry) => entry.event,
    show: (value, lang) => EVENTS[String(value)]?.[lang] ?? String(value),
  },
  { key: 'detail', title: { de: 'dazu', en: 'detail' }, value: (entry) => entry.detail },
  { key: 'command', title: { de: 'Befehl', en: 'command' }, value: (entry) => entry.command },
]

/** The last line of the trail: whether it is whole. */
export function chainLine(broken: number | undefined, lang: Lang): string {
  if (broken === undefined)
    return { de: 'Die Kette der Einträge ist unversehrt.\n', en: 'The chain of entries is whole.\n' }[lang]
  return {
    de: `Die Kette ist bei Eintrag ${broken} gebrochen: er oder einer davor wurde verändert oder entfernt.\n`,
    en: `The chain is broken at entry ${broken}: it or one before was changed or taken out.\n`,
  }[lang]
}

/** `run log --json`. */
export const logJson = (
  entries: readonly AuditEntry[],
  broken: number | undefined,
  effects: readonly Effect[],
) => ({
  schemaVersion: 1,
  intact: broken === undefined,
  entries: entries.map((entry) => ({ ...entry, run: entry.run === null ? null : `run-${entry.run}` })),
  effects,
})

/**
 * What is to be confirmed before something is taken away, and the answer that does it; undefined where nothing is.
 */
export function confirmation(
  { portal, tenants }: Plan,
  lang: Lang,
): { readonly text: string; readonly answer: string } | undefined {
  const deletes = tenants.filter(({ kind }) => kind === 'delete')
  const suspends = tenants.filter(({ kind }) => kind === 'suspend')
  if (deletes.length + suspends.length === 0) return undefined
  const list = (found: Plan['tenants']): string =>
    found
      .slice(0, 10)
      .map(({ tenant }) => `  ${neutralTerminal(`${tenant.ars} ${tenant.name}`)}\n`)
      .join('') + (found.length > 10 ? `  … (${found.length})\n` : '')
  const texts = {
    de: `${deletes.length} Mandanten werden gelöscht, ${suspends.length} stillgelegt, Portal ${portal}`,
    en: `${deletes.length} tenants are deleted, ${suspends.length} suspended, portal ${portal}`,
  }
  const ask = { de: `Zum Bestätigen ${portal} eingeben: `, en: `Type ${portal} to confirm: ` }
  return { text: `${texts[lang]}\n${list(deletes)}${list(suspends)}${ask[lang]}`, answer: portal }
}
