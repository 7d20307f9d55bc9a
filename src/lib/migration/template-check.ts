import { type Misread, no } from '../connector/settings.ts'
import { closest } from '../text.ts'
import type { StepDefinition } from './definition.ts'
import type { Json } from './records/model.ts'
import { pathsIn, splitPath } from './template.ts'

/** What a template can say of the tenant. */
export const TENANT_WORDS = ['ars', 'ags', 'slug', 'name', 'host', 'account', 'state'] as const
export type TenantWord = (typeof TENANT_WORDS)[number]

/** Placeholders that stand for nothing, whatever the tenant. */
export function problemsOfTemplates(steps: readonly StepDefinition[]): readonly Misread[] {
  return steps.flatMap((step, at) =>
    eachText(step.written, ['steps', at]).flatMap(({ text, at: where }) =>
      pathsIn(text).flatMap((path) => {
        const problem = problemOf(path, steps.slice(0, at), step)
        return problem === undefined ? [] : [{ ...problem, at: where }]
      }),
    ),
  )
}

function problemOf(
  written: string,
  earlier: readonly StepDefinition[],
  step: StepDefinition,
): Misread | undefined {
  const [root, ...rest] = splitPath(written) ?? []
  switch (root) {
    case undefined:
      return no(
        `\${${written}} is no placeholder`,
        'It is made of names and dots, like ${tenant.ars}; $${ stands for ${ itself.',
      )
    case 'tenant':
      return word(written, rest, TENANT_WORDS)
    case 'connector':
      return rest.length === 2
        ? undefined
        : no(`\${${written}} stands for nothing`, 'It is like ${connector.NAME.url}.')
    case 'steps': {
      const source = earlier.find(({ id }) => id === rest[0])
      if (source === undefined) return no(`\${${written}}: there is no earlier step ${rest[0] ?? ''}`)
      return word(written, rest.slice(1), outputsOf(source))
    }
    case 'record':
      return step.kind === 'records.transfer' && rest.length === 1
        ? undefined
        : no(`\${${written}}: there is a record only in the target of records.transfer`)
    default:
      return no(`\${${written}} stands for nothing`, 'There are tenant, connector and steps.')
  }
}

function word(written: string, rest: readonly string[], words: readonly string[]): Misread | undefined {
  const [name, ...more] = rest
  if (name !== undefined && more.length === 0 && words.includes(name)) return undefined
  const near = closest(name ?? '', words)[0]
  const hint = near === undefined ? `There are: ${words.join(', ') || 'none'}.` : `Did you mean ${near}?`
  return no(`\${${written}} stands for nothing`, hint)
}

/** Names of the values that a step saves, as far as they can be read. */
function outputsOf({ written }: StepDefinition): readonly string[] {
  const { save } = written
  return typeof save === 'object' && save !== null ? Object.keys(save) : []
}

function eachText(
  value: Json,
  at: readonly (string | number)[],
): readonly { readonly text: string; readonly at: readonly (string | number)[] }[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    eachText(inner, [...at, Array.isArray(value) ? Number(name) : name]),
  )
}
