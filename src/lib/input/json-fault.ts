/**
 * Offset of the first character that breaks JSON (RFC 8259), or the length of the text when it ends too early. For
 * texts that `JSON.parse` refuses: it does not always say where.
 */
export function jsonFaultOffset(text: string): number {
  const open: ('{' | '[')[] = []
  let wanted: 'value' | 'key' | 'colon' | 'next' = 'value'
  let first = false
  let at = 0
  for (;;) {
    at = skipBlanks(text, at)
    const sign = text[at]
    if (sign === undefined) return at
    const top = open.at(-1)
    const closes = top !== undefined && sign === (top === '{' ? '}' : ']')
    if (closes && (wanted === 'next' || first)) {
      open.pop()
      wanted = 'next'
      first = false
      at++
    } else if (wanted === 'next') {
      if (sign !== ',' || top === undefined) return at
      wanted = top === '{' ? 'key' : 'value'
      at++
    } else if (wanted === 'colon') {
      if (sign !== ':') return at
      wanted = 'value'
      at++
    } else if (wanted === 'value' && (sign === '{' || sign === '[')) {
      open.push(sign)
      wanted = sign === '{' ? 'key' : 'value'
      first = true
      at++
    } else {
      const end = wanted === 'key' && sign !== '"' ? { fault: at } : scalarEnd(text, at)
      if (typeof end !== 'number') return end.fault
      wanted = wanted === 'key' ? 'colon' : 'next'
      first = false
      at = end
    }
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (' \t\n\r'.includes(text[at] ?? '-')) at++
  return at
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const CUT_NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?)?)?$/y

/** End of the string, number or word that begins here, or where it is broken. */
function scalarEnd(text: string, start: number): number | { readonly fault: number } {
  if (text[start] === '"') return stringEnd(text, start)
  const word = ['true', 'false', 'null'].find((known) => known[0] === text[start])
  if (word !== undefined) {
    const wrong = [...word].findIndex((letter, at) => text[start + at] !== letter)
    return wrong < 0 ? start + word.length : { fault: start + wrong }
  }
  if (matches(CUT_NUMBER, text, start)) return { fault: text.length }
  return matches(NUMBER, text, start) ? NUMBER.lastIndex : { fault: start }
}

function matches(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at
  return sticky.test(text)
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const CUT_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/y

function stringEnd(text: string, start: number): number | { readonly fault: number } {
  for (let at = start + 1; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) return { fault: at }
    if (code !== 0x5c) {
      at++
      continue
    }
    if (!matches(ESCAPE, text, at)) return { fault: matches(CUT_ESCAPE, text, at) ? text.length : at }
    at = ESCAPE.lastIndex
  }
  return { fault: text.length }
}
