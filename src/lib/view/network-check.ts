import { unreachable } from '../errors.ts'
import type { NetworkCheck, NetworkFinding } from '../network/load.ts'
import { formatNumber, type Lang } from './lang.ts'
import { basisJson } from './network.ts'
import type { Column } from './table.ts'

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })

/** What is wrong and what to do about it, as a sentence each. */
interface Explained {
  readonly message: string
  readonly nextStep: string
}

/** `network check --json`. */
export function networkCheckJson({ basis, networks, rules, findings }: NetworkCheck) {
  return {
    schemaVersion: 1,
    ...basisJson(basis),
    met: findings.length === 0,
    networks,
    rules,
    findings: findings.map((finding) => ({
      portal: finding.portal,
      account: finding.network.account,
      code: finding.code,
      rule: finding.rule,
      others: finding.others,
      subjects: finding.subjects,
      ...explained(finding, 'en'),
    })),
  }
}

/** @param single whether there is one network only, which the screen then need not name */
export function findingColumns(lang: Lang, single: boolean): readonly Column<NetworkFinding>[] {
  return [
    {
      key: 'network',
      csvOnly: single,
      title: text('Netzwerk', 'network'),
      value: ({ network }) => network.account,
    },
    { key: 'rule', whole: true, title: text('Regel', 'rule'), value: ({ rule }) => rule },
    { key: 'code', csvOnly: true, title: text('Code', 'code'), value: ({ code }) => code },
    {
      key: 'message',
      title: text('was nicht stimmt', 'what is wrong'),
      value: (finding) => explained(finding, lang).message,
    },
    {
      key: 'next_step',
      title: text('was zu tun ist', 'what to do'),
      value: (finding) => explained(finding, lang).nextStep,
    },
    {
      key: 'subjects',
      csvOnly: true,
      title: text('betrifft', 'subjects'),
      value: ({ subjects }) => subjects.join(' '),
    },
  ]
}

/** The result in a line. */
export function networkCheckLine({ networks, rules, findings }: NetworkCheck, lang: Lang): string {
  const number = (count: number): string => formatNumber(count, lang)
  const looked = {
    de: `${number(networks)} ${networks === 1 ? 'Netzwerk' : 'Netzwerke'}, ${number(rules)} ${rules === 1 ? 'Regel' : 'Regeln'} geprüft`,
    en: `${number(networks)} ${networks === 1 ? 'network' : 'networks'}, ${number(rules)} ${rules === 1 ? 'rule' : 'rules'} checked`,
  }[lang]
  const found = {
    de: findings.length === 0 ? 'alles in Ordnung' : `${number(findings.length)} zu klären`,
    en: findings.length === 0 ? 'nothing wrong' : `${number(findings.length)} to settle`,
  }[lang]
  return `${looked}: ${found}\n`
}

function explained(finding: NetworkFinding, lang: Lang): Explained {
  const { de, en } = both(finding, lang)
  const [message, nextStep] = lang === 'de' ? de : en
  return { message, nextStep }
}

type Sentences = readonly [message: string, nextStep: string]

function both(finding: NetworkFinding, lang: Lang): { readonly de: Sentences; readonly en: Sentences } {
  const what = subjectList(finding, lang)
  const others = finding.others.join(', ')
  switch (finding.code) {
    case 'name-twice':
      return {
        de: ['zwei Regeln heißen so', 'Einer Regel einen anderen Namen geben.'],
        en: ['two rules bear this name', 'Give one of them another name.'],
      }
    case 'not-a-member':
      return {
        de: [`kein Mandant des Netzwerks: ${what}`, 'Den Mandanten aufnehmen oder aus der Regel streichen.'],
        en: [`no tenant of the network: ${what}`, 'Add the tenant, or take it out of the rule.'],
      }
    case 'member-suspended':
      return {
        de: [`stillgelegt: ${what}`, 'Den Mandanten aktivieren oder aus der Regel streichen.'],
        en: [`suspended: ${what}`, 'Activate the tenant, or take it out of the rule.'],
      }
    case 'member-without-or-connect':
      return {
        de: [
          `ohne das Modul OR-Connect: ${what}`,
          'Das Modul eintragen oder den Mandanten aus der Regel streichen.',
        ],
        en: [`without the module OR-Connect: ${what}`, 'Add the module, or take the tenant out of the rule.'],
      }
    case 'anchor-without-tenant':
      return {
        de: [
          `der Anker ${what} hat keinen Mandanten`,
          'Seinen Mandanten aufnehmen oder statt anchor Schlüssel nennen.',
        ],
        en: [`the anchor ${what} has no tenant`, 'Add its tenant, or name keys instead of anchor.'],
      }
    case 'leistung-unknown':
      return {
        de: [`nicht im Katalog: ${what}`, 'Den Schlüssel suchen: ozgctl catalog search TEXT'],
        en: [`not in the catalogue: ${what}`, 'Look for the key: ozgctl catalog search TEXT'],
      }
    case 'ozg-unknown':
      return {
        de: [`keine OZG-Leistung des Katalogs: ${what}`, 'Die Nummer suchen: ozgctl catalog search TEXT'],
        en: [`no OZG-Leistung of the catalogue: ${what}`, 'Look for the id: ozgctl catalog search TEXT'],
      }
    case 'themenfeld-unknown':
      return {
        de: [`kein Themenfeld des Katalogs: ${what}`, 'Nachsehen: ozgctl catalog list --output csv'],
        en: [`no Themenfeld of the catalogue: ${what}`, 'Look them up: ozgctl catalog list --output csv'],
      }
    case 'nobody-shares':
      return {
        de: ['es gibt niemanden, der bei einem anderen etwas zeigt', 'from, to und except der Regel prüfen.'],
        en: ['there is nobody who shows something elsewhere', 'Check from, to and except of the rule.'],
      }
    case 'no-services':
      return {
        de: ['keine Leistung bleibt übrig', 'services und except der Regel prüfen.'],
        en: ['no service is left', 'Check services and except of the rule.'],
      }
    case 'nothing-offered':
      return {
        de: ['niemand bietet etwas davon an', 'Nachsehen, was es gibt: ozgctl offer list --in PREFIX'],
        en: ['nobody offers any of it', 'See what there is: ozgctl offer list --in PREFIX'],
      }
    case 'covered-by-earlier':
      return {
        de: [`ohne Wirkung: schon enthalten in ${others}`, 'Eine der Regeln streichen.'],
        en: [`without effect: ${others} shares it already`, 'Remove one of the rules.'],
      }
    case 'exception-undone':
      return {
        de: [
          `die Ausnahme gilt nicht, ${others} gibt frei: ${what}`,
          'Die Ausnahme auch dort eintragen oder hier streichen.',
        ],
        en: [
          `the exception does not hold, ${others} shares: ${what}`,
          'Make the exception there as well, or drop it here.',
        ],
      }
    case 'cycle':
      return {
        de: [
          `im Kreis mit ${others}: ${what}`,
          'Festlegen, wer zuständig ist, und die Gegenrichtung streichen.',
        ],
        en: [`in a ring with ${others}: ${what}`, 'Decide who is responsible, and remove the way back.'],
      }
    default:
      return unreachable(finding.code)
  }
}

const SHOWN = 3

/** What it is about: members with their names, the rest as it is; the first few. */
function subjectList({ subjects, members }: NetworkFinding, lang: Lang): string {
  const named = subjects.slice(0, SHOWN).map((subject) => {
    const member = members.find(({ tenant }) => tenant.ars === subject)
    return member === undefined ? subject : `${subject} ${member.tenant.name}`
  })
  const more = subjects.length - named.length
  const rest = { de: `und ${formatNumber(more, lang)} weitere`, en: `and ${formatNumber(more, lang)} more` }[
    lang
  ]
  return named.join(', ') + (more > 0 ? ` ${rest}` : '')
}
