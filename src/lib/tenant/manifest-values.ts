import { domainToASCII } from 'node:url'
import { type Problem, unreachable } from '../errors.ts'
import type { Fields, Placed } from '../input/fields.ts'
import { type Contact, MODULES } from '../portal/model.ts'
import { closest } from '../text.ts'
import { isHostName, isLabel, MAX_HOST, nameProblem } from './names.ts'
import type { RegionAnswer, TenantRegions } from './regions.ts'

// The readers answer '' for what is wrong or missing; the problem they report keeps it from going any
// further.

export function readRegion(
  found: Placed<string> | undefined,
  regions: TenantRegions,
  problems: Problem[],
): string {
  if (found === undefined) return ''
  const answer = regions.find(found.value)
  if (answer.ok) return answer.region.key
  const what =
    answer.reason === 'region-unknown' ? 'is not in the register' : `is no key of a region (${answer.reason})`
  problems.push(problemAt(answer.reason, found, `${JSON.stringify(found.value)} ${what}`, regionHint(answer)))
  return ''
}

function regionHint({ reason, near }: RegionAnswer & { readonly ok: false }): string | undefined {
  const write = near === undefined ? '' : `Write "${near.key}" (${near.name}).`
  switch (reason) {
    case 'leading-zero-lost':
      return `A zero at the front was lost. ${write}`.trim()
    case 'ags-instead-of-ars':
      return `This is an AGS. ${write}`.trim()
    case 'excel-number':
      return 'A spreadsheet made a number of it and lost digits. Take the key from: ozgctl region show NAME'
    case 'region-unknown':
      return undefined
    case 'region-missing':
    case 'land-unknown':
    case 'region-invalid':
      return 'A key has 2, 3, 5, 9 or 12 digits. Find it with: ozgctl region show NAME'
    default:
      return unreachable(reason)
  }
}

export function readLabel(found: Placed<string> | undefined, problems: Problem[]): string {
  if (found === undefined || isLabel(found.value)) return found?.value ?? ''
  problems.push(
    problemAt(
      'slug-invalid',
      found,
      `${JSON.stringify(found.value)} is no part of an address`,
      'Use a to z, 0 to 9 and hyphens inside, at most 63 characters.',
    ),
  )
  return ''
}

export function readName(found: Placed<string> | undefined, problems: Problem[]): string {
  if (found === undefined) return ''
  const what = nameProblem(found.value)
  if (what !== undefined) problems.push(problemAt('name-invalid', found, what))
  return found.value
}

export function readHost(found: Placed<string>, problems: Problem[]): string {
  const host = found.value.toLowerCase()
  if (isHostName(host)) return host
  problems.push(
    problemAt('host-invalid', found, `${JSON.stringify(found.value)} is no host name`, hostHint(host)),
  )
  return ''
}

function hostHint(host: string): string {
  const [bare = ''] = host.replace(/^[a-z]+:\/\//, '').split(/[/:?#]/, 1)
  const ascii = bare.length > MAX_HOST ? '' : domainToASCII(bare)
  return ascii !== '' && ascii !== host
    ? `Write ${ascii}`
    : 'A host name is like www.example.de: no https://, no port, no path.'
}

/**
 * Modules, sorted and each once: their order means nothing. A slip of a known one is refused, others are the
 * portal's.
 */
export function readModules(fields: Fields, problems: Problem[]): readonly string[] | undefined {
  const found = fields.texts('modules')
  if (found === undefined) return undefined
  for (const module of found) {
    const near = MODULES.includes(module.value) ? undefined : nearModule(module.value)
    if (near !== undefined || !/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(module.value)) {
      const hint = near === undefined ? `Known are ${MODULES.join(', ')}.` : `Did you mean ${near}?`
      problems.push(problemAt('module-invalid', module, `${JSON.stringify(module.value)} is no module`, hint))
    }
  }
  return [...new Set(found.map((module) => module.value))].sort()
}

function nearModule(text: string): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
  return MODULES.find((module) => plain(module) === plain(text)) ?? closest(text, MODULES)[0]
}

export function problemAt(code: string, found: Placed<string>, message: string, hint?: string): Problem {
  const { place, path, value } = found
  return { code, place, path, message, value, ...(hint === undefined ? {} : { hint }) }
}

const CONTACT_FIELDS = ['name', 'email', 'phone'] as const
const EMAIL = /^[^\s@<>"]{1,64}@(?:[^\s@<>".]+\.)+[^\s@<>".]+$/
const PHONE = /^\+?[0-9][0-9 ()/.-]{2,30}$/

/** Whom to ask; undefined where it is missing. */
export function readContact(fields: Fields, problems: Problem[]): Contact | undefined {
  const map = fields.map('contact', CONTACT_FIELDS, 'optional')
  if (map === undefined) return undefined
  const email = map.text('email')
  const phone = map.optionalText('phone')
  if (email !== undefined && !EMAIL.test(email.value))
    problems.push(problemAt('email-invalid', email, `${JSON.stringify(email.value)} is no e-mail address`))
  if (phone !== undefined && !PHONE.test(phone.value))
    problems.push(
      problemAt(
        'phone-invalid',
        phone,
        `${JSON.stringify(phone.value)} is no telephone number`,
        'Write it like +49 5461 88-0, in quotes.',
      ),
    )
  return {
    name: readName(map.text('name'), problems),
    email: email?.value ?? '',
    phone: phone?.value ?? null,
  }
}

/** An address on the web; undefined where it is missing. */
export function readUrl(fields: Fields, name: string, problems: Problem[]): string | undefined {
  const found = fields.optionalText(name)
  if (found === undefined) return undefined
  const url = URL.parse(found.value)
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return found.value
  problems.push(
    problemAt(
      'url-invalid',
      found,
      `${JSON.stringify(found.value)} is no address on the web`,
      'It begins with https:// and holds no name or password.',
    ),
  )
  return undefined
}
