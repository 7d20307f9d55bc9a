/** What a connector can say of the tenant that it is for. */
export const TEMPLATE_WORDS = ['slug', 'ars', 'ags', 'host', 'name'] as const
export type TemplateWord = (typeof TEMPLATE_WORDS)[number]

/** Values for the words; what a tenant does not have is missing. */
export type TemplateValues = { readonly [Word in TemplateWord]?: string }

const WORD = /\{([a-z]+)\}/g
const isWord = (text: string): text is TemplateWord => TEMPLATE_WORDS.some((word) => word === text)

/** Words in braces anywhere in a value, as they are written, known or not; each once. */
export function wordsIn(value: unknown): readonly string[] {
  const found = new Set<string>()
  eachText(value, (text) => {
    for (const [, word = ''] of text.matchAll(WORD)) found.add(word)
  })
  return [...found]
}

/** Whether the value is the same for all tenants. */
export const isTemplate = (value: unknown): boolean => wordsIn(value).some(isWord)

/**
 * The value with the words in braces replaced, in all texts in it; other braces stay. Nothing else is ever run or looked up.
 * @param encode what becomes of each value, e.g. for addresses
 */
export function expand(value: unknown, values: TemplateValues, encode: (text: string) => string): unknown {
  if (typeof value === 'string')
    return value.replace(WORD, (all, word: string) => (isWord(word) ? encode(values[word] ?? '') : all))
  if (Array.isArray(value)) return value.map((item) => expand(item, values, encode))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, expand(inner, values, encode)]),
  )
}

function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) eachText(inner, visit)
}
