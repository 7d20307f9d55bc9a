import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { SettingsShape, SettingsValues } from '../../src/lib/connector/settings.ts'
import type { RecordClient } from '../../src/lib/migration/records/client.ts'
import type { Content, DataRecord, RecordSource } from '../../src/lib/migration/records/model.ts'
import type { StandIn } from '../../src/lib/sandbox/stand-ins/stand-in.ts'
import { failure } from './failure.ts'
import { collected, testClient } from './http.ts'
import { standIn, type TestStandIn } from './stand-in.ts'

export const SIGNAL = new AbortController().signal

/** How a client proves who it is. */
export const basic = ([id, secret]: TestStandIn['login']): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
export const bearer = ([, secret]: TestStandIn['login']): string => `Bearer ${secret}`

/** A client that sends what a stand-in wants as authorisation. @param url its address, or that of something before it */
export function recordClient(url: string, authorization: string): RecordClient {
  const at = new URL(url)
  return { http: testClient(at, { connections: 4 }).client, url: at, headers: { authorization } }
}

/** Settings as they are read from a file. @throws Error for one that is wrong */
export function settingsOf<Shape extends SettingsShape>(
  shape: Shape,
  written: Readonly<Record<string, unknown>>,
): SettingsValues<Shape> {
  const values = Object.entries(shape).map(([name, setting]) => {
    const reading = setting.read(written[name])
    if (!reading.ok) throw new Error(`${name}: ${reading.message}`)
    return [name, reading.value]
  })
  // Each was read by its own setting.
  return Object.fromEntries(values) as SettingsValues<Shape>
}

/** All pages, one after another. */
export async function pagesOf({
  page,
}: Pick<RecordSource, 'page'>): Promise<readonly (readonly DataRecord[])[]> {
  const pages: (readonly DataRecord[])[] = []
  let cursor: string | null = null
  do {
    const { records, next }: Awaited<ReturnType<RecordSource['page']>> = await page(cursor, SIGNAL)
    pages.push(records)
    cursor = next
  } while (cursor !== null && pages.length < 1000)
  return pages
}

export const bytesOf = async (record: DataRecord | undefined): Promise<Buffer> => {
  if (record?.content === undefined) throw new Error('there is no file')
  return collected(await record.content.open(SIGNAL))
}

/** A file of these bytes, whose length is said. */
export const fileOf = (bytes: Uint8Array, name = 'Akte.pdf'): Content => ({
  type: 'application/pdf',
  name,
  length: bytes.length,
  open: async () =>
    (async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    })(),
})

/** What stands between client and system does with a request: passes it on, answers itself, or cuts the answer after so many bytes. */
export type Meddling =
  | 'pass'
  | { readonly answer: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly cutAfter: number }
  | { readonly cutRequestAnswer: true }

/** What `meddler` does with a method and a path with query. */
export type Meddle = (method: string, path: string) => Meddling

/** Stands between a client and a system. @returns its address, with the path of the system */
async function meddler(target: string, meddle: Meddle): Promise<string> {
  const to = new URL(target)
  const server = createServer((request, response) => {
    const how = meddle(request.method ?? '', request.url ?? '')
    if (how !== 'pass' && 'answer' in how) {
      request.resume()
      response.writeHead(how.answer, { 'content-length': Buffer.byteLength(how.body ?? ''), ...how.headers })
      response.end(how.body ?? '')
      return
    }
    passOn(request, response, to, how)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${to.pathname}`
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { hostname, port }: URL,
  how: 'pass' | { readonly cutAfter: number } | { readonly cutRequestAnswer: true },
): void {
  const { method, url: path, headers } = request
  const onward = send({ hostname, port, method, path, headers }, async (answer) => {
    const parts: Buffer[] = []
    for await (const part of answer) parts.push(part)
    const bytes = Buffer.concat(parts)
    if (how !== 'pass' && 'cutRequestAnswer' in how) {
      request.socket.destroy()
      return
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    if (how === 'pass') response.end(bytes)
    else response.write(bytes.subarray(0, how.cutAfter), () => request.socket.destroy())
  })
  onward.on('error', () => request.socket.destroy())
  request.pipe(onward)
}

/** A stand-in with what stands before it, and a client of it. @param authorization what the client proves who it is by */
export async function recordSystem(
  definition: StandIn,
  authorization: (login: TestStandIn['login']) => string,
  meddle: Meddle = () => 'pass',
) {
  const open = await standIn(definition)
  const url = await meddler(open.url, meddle)
  return { open, client: recordClient(url, authorization(open.login)) }
}

/** Code and text of a failure, with `it` for the address of the other side. */
export async function saidBy(client: RecordClient, work: () => unknown): Promise<string> {
  const { code, message } = await failure(work)
  return `${code}: ${message.replaceAll(client.http.origin, 'it')}`
}
