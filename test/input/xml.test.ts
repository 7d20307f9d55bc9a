import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readXml, type XmlElement } from '../../src/lib/input/xml.ts'
import { failure } from '../support/failure.ts'
import { inPieces, sourceOf } from '../support/source.ts'

/** What a document says, as one line an event. */
async function events(text: string, size = text.length): Promise<readonly string[]> {
  const found: string[] = []
  let run = ''
  const flush = () => {
    if (run !== '') found.push(JSON.stringify(run))
    run = ''
  }
  const roots: XmlElement[] = []
  await readXml(sourceOf('', { name: 'a.xml' }), inPieces(text, size), (root) => {
    roots.push(root)
    return {
      wantsText: true,
      open: ({ local, uri }, line) => {
        flush()
        found.push(`${line} <${uri === '' ? '' : `{${uri}}`}${local}>`)
      },
      text: (part) => {
        run += part
      },
      close: (local) => {
        flush()
        found.push(`</${local}>`)
      },
    }
  })
  expect(roots).toHaveLength(1)
  return found
}

test('elements come with their namespaces and lines, whatever their prefixes, and texts in pieces', async () => {
  const text =
    '<?xml version="1.0"?>\n<a:r xmlns:a="urn:a">\n<b xmlns="urn:b">x<![CDATA[<y>]]>&amp;</b>\n<c/></a:r>\n'
  const expected = [
    '2 <{urn:a}r>',
    '"\\n"',
    '3 <{urn:b}b>',
    '"x<y>&"',
    '</b>',
    '"\\n"',
    '4 <c>',
    '</c>',
    '</r>',
  ]
  expect(await events(text)).toEqual(expected)
  expect(await events(text, 1)).toEqual(expected)
})

test('text that nobody wants is not handed out', async () => {
  const found: string[] = []
  let wantsText = false
  await readXml(sourceOf(''), inPieces('<r>no<a>yes<![CDATA[!]]></a>no</r>', 3), () => ({
    get wantsText() {
      return wantsText
    },
    open: ({ local }) => {
      wantsText = local === 'a'
    },
    text: (part) => found.push(part),
    close: () => {
      wantsText = false
    },
  }))
  expect(found.join('')).toBe('yes!')
})

test('attributes are found by their name without prefix, and absent ones are undefined', async () => {
  let found: (string | undefined)[] = []
  await readXml(sourceOf(''), inPieces('<r xmlns:p="urn:p" p:a="1" b="2"/>'), (root) => {
    found = ['a', 'b', 'c', 'constructor', '__proto__'].map((name) => root.attribute(name))
    return { wantsText: false, open: () => undefined, text: () => undefined, close: () => undefined }
  })
  expect(found).toEqual(['1', '2', undefined, undefined, undefined])
})

test('what would read other files is passed over: schema location, XInclude, style sheets', async () => {
  const text =
    '<?xml version="1.0"?><?xml-stylesheet href="file:///etc/passwd"?><r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x file:///etc/passwd"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></r>'
  expect(await events(text)).toEqual([
    '1 <r>',
    '1 <{http://www.w3.org/2001/XInclude}include>',
    '</include>',
    '</r>',
  ])
})

describe('a DOCTYPE is refused before anything in it counts', () => {
  test.each([
    ['alone', '<!DOCTYPE r><r/>'],
    ['with an external subset', '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>'],
    ['with a file as entity', '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>'],
    [
      'with entities that grow a thousandfold',
      '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>',
    ],
    ['with a parameter entity', '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><r/>'],
  ])('%s', async (_, text) => {
    for (const size of [1, 1000]) {
      const error = await failure(() => events(text, size))
      expect({ code: error.code, exit: error.exit, line: error.place.line }).toEqual({
        code: 'XML_DOCTYPE',
        exit: 65,
        line: 1,
      })
      expect(error.message).toMatch(/^a\.xml:1:\d+: a DOCTYPE is not allowed$/)
    }
  })
})

describe('what is not well-formed is told with line and column', () => {
  test.each([
    [
      'an entity that nobody declared',
      '<r>\n&e;</r>',
      'XML_NOT_WELL_FORMED',
      2,
      'not well-formed: undefined entity',
    ],
    [
      'tags that cross',
      '<r>\n<a><b></a></b></r>',
      'XML_NOT_WELL_FORMED',
      2,
      'not well-formed: unexpected close tag',
    ],
    [
      'an attribute twice',
      '<r a="1"\n a="2"/>',
      'XML_NOT_WELL_FORMED',
      2,
      'not well-formed: duplicate attribute: a',
    ],
    [
      'a prefix without namespace',
      '<x:r/>',
      'XML_NOT_WELL_FORMED',
      1,
      'not well-formed: unbound namespace prefix: "x"',
    ],
    ['a NUL', '<r>\u0000</r>', 'XML_NOT_WELL_FORMED', 1, 'not well-formed: disallowed character'],
    ['an escape', '<r>\u001B[2J</r>', 'XML_NOT_WELL_FORMED', 1, 'not well-formed: disallowed character'],
    [
      'an escape as reference',
      '<r>&#27;</r>',
      'XML_NOT_WELL_FORMED',
      1,
      'not well-formed: malformed character entity',
    ],
    [
      'text after the end',
      '<r/>\nx',
      'XML_NOT_WELL_FORMED',
      2,
      'not well-formed: text data outside of root node',
    ],
    [
      'two roots',
      '<r/><r/>',
      'XML_NOT_WELL_FORMED',
      1,
      'not well-formed: documents may contain only one root',
    ],
    ['no end', '<r>\n<a>', 'XML_TRUNCATED', 2, 'the document ends before it is complete'],
    ['nothing', '', 'XML_TRUNCATED', 1, 'the document ends before it is complete'],
  ])('%s', async (_, text, code, line, message) => {
    const error = await failure(() => events(text))
    expect({ code: error.code, exit: error.exit, line: error.place.line }).toEqual({ code, exit: 65, line })
    expect(error.message).toContain(`: ${message}`)
    expect(error.suggestions).toHaveLength(1)
  })

  test('cut off at any character, a document never passes for a whole one', async () => {
    const text = '<?xml version="1.0"?><r a="1"><!-- c --><b>x&lt;<![CDATA[y]]></b><c/></r>'
    for (let end = 0; end < text.length; end++) {
      const error = await failure(() => events(text.slice(0, end)))
      expect({ exit: error.exit, end }).toEqual({ exit: 65, end })
    }
  })

  test('no text whatever makes it fail in another way', async () => {
    const soup = fc.array(
      fc.constantFrom(
        '<r>',
        '</r>',
        '<',
        '>',
        '/>',
        '&',
        '&amp;',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?x',
        '?>',
        '"',
        ' a="',
        'x',
        '\u0000',
        '\uD800',
        '<!DOCTYPE r [',
        ']>',
      ),
    )
    await fc.assert(
      fc.asyncProperty(soup, async (parts) => {
        const outcome = await events(parts.join(''), 3).catch((error: unknown) => error)
        if (!Array.isArray(outcome)) expect(outcome).toMatchObject({ exit: 65 })
      }),
    )
  })
})

describe('a document beyond any official one is stopped at a limit', () => {
  async function* repeated(head: string, part: string, times: number, seen: { parts: number }) {
    yield head
    for (seen.parts = 0; seen.parts < times; seen.parts++) yield part
  }
  const seen = { parts: 0 }
  const read = (head: string, part: string, times: number, wantsText = true) =>
    readXml(sourceOf('', { name: 'a.xml' }), repeated(head, part, times, seen), () => ({
      wantsText,
      open: () => undefined,
      text: () => undefined,
      close: () => undefined,
    }))

  test('nested 200,000 deep', async () => {
    const error = await failure(() => read('', '<a>'.repeat(1000), 200))
    expect(error).toMatchObject({
      code: 'XML_TOO_DEEP',
      message: 'a.xml:1:196: elements are nested more than 64 deep',
    })
    expect(seen.parts).toBe(0)
  })

  test('64 deep is read', async () => {
    expect((await events('<a>'.repeat(64) + '</a>'.repeat(64))).length).toBe(128)
  })

  test('with more than 64 attributes', async () => {
    const attributes = (count: number) => Array.from({ length: count }, (_, at) => ` a${at}="1"`).join('')
    expect(await events(`<r${attributes(64)}/>`)).toHaveLength(2)
    expect((await failure(() => events(`<r${attributes(65)}/>`))).code).toBe('XML_TOO_MANY_ATTRIBUTES')
  })

  const chunk = 'x'.repeat(1 << 20)
  test.each([
    ['a text', '<r>', chunk],
    ['a comment', '<r><!--', chunk],
    ['an attribute', '<r a="', chunk],
    ['a name', '<', chunk],
    ['CDATA', '<r><![CDATA[', chunk],
    ['a processing instruction', '<r><?x ', chunk],
    ['a text in pieces', '<r>', `${chunk}<!-- -->`],
    ['CDATA in pieces', '<r>', `<![CDATA[${chunk}]]>`],
    ['a DOCTYPE', '<!DOCTYPE r [', `<!-- ${chunk} -->`],
  ])('with %s of 100 MB: it is given up after 17', async (_, head, part) => {
    for (const wantsText of [true, false]) {
      expect(await failure(() => read(head, part, 100, wantsText))).toMatchObject({
        code: 'XML_TEXT_TOO_LONG',
        exit: 65,
        message: expect.stringContaining('a text, comment or attribute is longer than 16 MiB'),
      })
      expect(seen.parts).toBeLessThanOrEqual(17)
    }
  })
})
