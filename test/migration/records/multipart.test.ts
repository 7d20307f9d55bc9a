import { describe, expect, it } from 'vitest'
import { type FormPart, mediaType, multipartForm } from '../../../src/lib/migration/records/multipart.ts'
import { collected } from '../../support/http.ts'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const text = (name: string, body: string): FormPart => ({ name, type: 'text/plain; charset=utf-8', body })

/** What another reader of forms makes of it: that of Node. */
async function read(parts: readonly FormPart[]): Promise<readonly (readonly [string, string | File])[]> {
  const { type, body } = multipartForm(parts)
  const bytes = await collected(body.chunks)
  expect(body.length).toBe(bytes.length)
  return [...(await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData())]
}

describe('a form', () => {
  it('is written part by part, with lines as RFC 7578 has them', async () => {
    const file = { chunks: once(Buffer.from('%PDF')), length: 4 }
    const form = multipartForm(
      [
        text('cmisaction', 'createDocument'),
        { name: 'content', type: 'application/pdf', fileName: 'Bescheid.pdf', id: 'cid1', body: file },
      ],
      'grenze',
    )
    expect(form.type).toBe('multipart/form-data; boundary=grenze')
    expect((await collected(form.body.chunks)).toString()).toBe(
      [
        '--grenze',
        'Content-Disposition: form-data; name="cmisaction"',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'createDocument',
        '--grenze',
        'Content-Disposition: form-data; name="content"; filename="Bescheid.pdf"',
        'Content-Type: application/pdf',
        'Content-ID: cid1',
        '',
        '%PDF',
        '--grenze--',
        '',
      ].join('\r\n'),
    )
    expect(form.body.length).toBe(272)
  })

  it('has another boundary each time', () => {
    const types = [1, 2, 3].map(() => multipartForm([]).type)
    expect(new Set(types).size).toBe(3)
    for (const type of types) expect(type).toMatch(/^multipart\/form-data; boundary=ozgctl-[0-9a-f]{36}$/)
  })

  it('is read by others as it was meant, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256)
    const fileName = 'Müller „Süd“ – Größe 平.pdf'
    const parts = await read([
      text('Straße', 'Königsweg 1\r\n--\r\n"A"'),
      text('leer', ''),
      {
        name: 'content',
        type: 'application/pdf',
        fileName,
        body: { chunks: once(bytes), length: bytes.length },
      },
    ])
    expect(parts.slice(0, 2)).toEqual([
      ['Straße', 'Königsweg 1\r\n--\r\n"A"'],
      ['leer', ''],
    ])
    const [name, file] = parts[2] ?? []
    if (!(file instanceof File)) throw new Error('no file')
    expect([name, file.name, file.type]).toEqual(['content', fileName, 'application/pdf'])
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('keeps quotation marks, line ends and control characters of a name out of its header', async () => {
    const fileName = 'a"; name="data\r\nX-Evil: 1\r\n\r\n\u0000\u007f\\.pdf'
    const { body } = multipartForm([{ name: 'content', type: 'application/pdf', fileName, body: '' }], 'b')
    expect((await collected(body.chunks)).toString().split('\r\n')).toEqual([
      '--b',
      'Content-Disposition: form-data; name="content"; filename="a%22; name=%22data%0D%0AX-Evil: 1%0D%0A%0D%0A%00%7F%5C.pdf"',
      'Content-Type: application/pdf',
      '',
      '',
      '--b--',
      '',
    ])
  })

  it('has no length when one of its parts has none', () => {
    const unknown = { chunks: once(Buffer.from('x')), length: undefined }
    const part = { name: 'content', type: 'text/plain', body: unknown }
    expect(multipartForm([text('a', 'b'), part]).body.length).toBeUndefined()
  })
})

it.each([
  ['application/pdf', 'application/pdf'],
  ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
  ['application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.text'],
  ['', 'application/octet-stream'],
  ['pdf', 'application/octet-stream'],
  ['text/plain\r\nX-Evil: 1', 'application/octet-stream'],
  ['text/plain; a="b"', 'application/octet-stream'],
])('the media type %j is sent as %j', (given, sent) => {
  expect(mediaType(given)).toBe(sent)
})
