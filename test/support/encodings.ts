/** How others write a text, each in its own way and none of them by our code. */
export const WRITERS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in an address': (text) => encodeURIComponent(text.toWellFormed()),
  'in an address, small digits': (text) =>
    encodeURIComponent(text.toWellFormed()).replace(/%../g, (byte) => byte.toLowerCase()),
  'in an address, only what must be': (text) => encodeURI(text.toWellFormed()),
  'in a form': (text) => new URLSearchParams({ v: text.toWellFormed() }).toString().slice(2),
  'each byte by its number': (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'in JSON': (text) => JSON.stringify(text).slice(1, -1),
  'in JSON with slashes escaped': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'in JSON, ASCII only': (text) =>
    [...JSON.stringify(text).slice(1, -1)]
      .flatMap((character) => character.split(''))
      .map((unit) =>
        unit > '~' ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}` : unit,
      )
      .join(''),
  'in JSON, safe for scripts': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[<>&'+]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
  'in HTML': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  'in HTML by numbers': (text) =>
    Array.from(text.toWellFormed(), (character, at) =>
      at % 2 === 0 ? `&#${character.codePointAt(0)};` : `&#x${character.codePointAt(0)?.toString(16)};`,
    ).join(''),
}
