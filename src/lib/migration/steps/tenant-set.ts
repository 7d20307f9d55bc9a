import { choice, optional, text, texts } from '../../connector/settings.ts'
import { type Contact, TENANT_STATES, type Tenant } from '../../portal/model.ts'
import { isHostName } from '../../tenant/names.ts'
import type { Json, JsonObject } from '../records/model.ts'
import { group } from '../settings.ts'
import { change, edited, isEqual, refused, tenantEdit } from './edit.ts'
import { defineStep } from './step.ts'

type Field =
  | 'name'
  | 'hosts'
  | 'modules'
  | 'contact'
  | 'imprintUrl'
  | 'privacyUrl'
  | 'accessibilityUrl'
  | 'state'
type Wanted = { readonly [F in Field]?: Tenant[F] | undefined }

interface Memo extends JsonObject {
  readonly former: JsonObject
  readonly written: JsonObject
}

export const tenantSet = defineStep({
  id: 'tenant.set',
  title: 'Change fields of the tenant',
  about: {
    check: 'All fields are as they should be.',
    does: 'Writes the fields that are given, and leaves the others alone.',
    undo: 'Puts the former values back, where they are still those that the step wrote.',
  },
  settings: {
    set: group('Fields of the tenant, as in a manifest.', {
      name: optional(text('Name.')),
      hosts: optional(texts('Host names, the main one first.')),
      modules: optional(texts('Modules.')),
      contact: optional(
        group('Whom to ask.', {
          name: text('Name.'),
          email: text('Address.', /^[^@\s]+@[^@\s]+$/),
          phone: optional(text('Telephone.')),
        }),
      ),
      imprintUrl: optional(text('Legal notice.', /^https?:\/\/\S+$/)),
      privacyUrl: optional(text('Privacy notice.', /^https?:\/\/\S+$/)),
      accessibilityUrl: optional(text('Statement on accessibility.', /^https?:\/\/\S+$/)),
      state: optional(choice('State.', TENANT_STATES)),
    }),
  },
  problem: ({ set }) => {
    if (Object.values(set).every((value) => value === undefined)) return 'set names no field'
    return set.hosts?.every((host) => isHostName(host)) === false ? 'hosts: one is no host name' : undefined
  },
  bind: ({ set }, place) => {
    const wanted = wantedOf(set)
    return tenantEdit(
      place,
      (tenant) => edited({ ...tenant, ...wanted } as Tenant, changes(tenant, wanted)),
      (tenant) => ({ former: fieldsOf(tenant, wanted), written: wanted as JsonObject }),
    )
  },
  undoable: () => 'yes',
  undo: (_values, memo, place) => ({
    kind: 'step',
    step: tenantEdit(
      place,
      (tenant) => {
        const { former, written } = memo as Memo
        const open = Object.keys(former).filter((name) => !isEqual(tenant[name as Field], former[name]))
        const foreign = open.find((name) => !isEqual(tenant[name as Field], written[name]))
        if (foreign !== undefined) return refused(`somebody has changed ${foreign} since`)
        return edited({ ...tenant, ...former } as Tenant, changes(tenant, former as Wanted))
      },
      () => null,
    ),
  }),
})

function wantedOf(
  set: {
    readonly [F in Exclude<Field, 'contact' | 'modules'>]?: Tenant[F] | undefined
  } & {
    readonly modules?: readonly string[] | undefined
    readonly contact?:
      | { readonly name: string; readonly email: string; readonly phone: string | undefined }
      | undefined
  },
): Wanted {
  const { contact, modules, ...plain } = set
  const whom: Contact | undefined =
    contact === undefined ? undefined : { ...contact, phone: contact.phone ?? null }
  const all: Wanted = {
    ...plain,
    modules: modules === undefined ? undefined : [...new Set(modules)].sort(),
    contact: whom,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const changes = (tenant: Tenant, wanted: Wanted): readonly string[] =>
  Object.entries(wanted)
    .filter(([name, value]) => !isEqual(tenant[name as Field], value))
    .map(([name, value]) => change(name, tenant[name as Field], value))

const fieldsOf = (tenant: Tenant, wanted: Wanted): JsonObject =>
  Object.fromEntries(Object.keys(wanted).map((name) => [name, tenant[name as Field] as Json]))
