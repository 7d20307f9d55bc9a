import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomFrom } from '../../bench/random.ts'
import { root } from '../support/cli.ts'
import { type EchoServer, echoServer, tracesOf } from '../support/echo-server.ts'
import { temporaryFolder } from '../support/folder.ts'
import { call } from './support/operator.ts'
import { drawn, pairs, SEED, upTo } from './support/points.ts'

/**
 * Servers repeat the credentials that they were sent, in every encoding, in problems, pages, headers and fields. Secrets
 * and tokens are drawn: of letters, of what encodings write otherwise, and of what no encoding can write. None is in what
 * a command prints, nor in a file that it leaves, and no command fails of them.
 */
const ALPHABETS: Readonly<Record<string, readonly string[]>> = {
  letters: [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'],
  'what addresses and forms write otherwise': [...` !'()~*-_.+%&=/?#:;,@$[]"`],
  'what pages and JSON write otherwise': [...`<>&"'\\/{}[]\``],
  'letters of Europe': [...'äöüßÄÖÜéèêëçñøåłžőğ'],
  'more than two bytes': [...'€„“–—日本語한국😀🏛️'],
}

interface Credentials {
  readonly secret: string
  readonly token: string
}

/** @param alphabet of which half of the letters are, so that no text is a word that stands somewhere by chance */
function credentialsOf(alphabet: readonly string[], number: number): Credentials {
  const random = randomFrom(SEED + number)
  const text = (length: number, letters: readonly string[]): string =>
    upTo(length)
      .map((at) => {
        const from = at % 2 === 0 ? letters : (ALPHABETS.letters ?? [])
        return from[Math.floor(random() * from.length)]
      })
      .join('')
  return {
    secret: `c4n4ry${text(24, alphabet)}end3`,
    token: `t0k3n${text(24, ALPHABETS['what addresses and forms write otherwise']?.filter(isOfTokens) ?? [])}end3`,
  }
}

/** RFC 6750 §2.1: what else there is cannot be in a header. */
const isOfTokens = (letter: string): boolean => /[A-Za-z0-9._~+/-]/.test(letter)

async function place({ secret, token }: Credentials) {
  const server: EchoServer = await echoServer(token)
  const cwd = temporaryFolder()
  const env = {
    OZGCTL_STORE: join(cwd, 'ozgctl.db'),
    OZGCTL_READER_CLIENT_ID: 'reader',
    OZGCTL_READER_CLIENT_SECRET: secret,
    OZGCTL_READER_URL: server.url,
    OZGCTL_READER_LAYOUT: 'organization',
  }
  writeFileSync(join(cwd, 'network.yaml'), NETWORK)
  const outputs: string[] = []
  const said = async (...args: readonly string[]) => {
    const run = await call({ cwd, env }, ...args)
    outputs.push(run.stdout, run.stderr)
    expect(run.stdout + run.stderr, args.join(' ')).not.toMatch(/fault of ozgctl/i)
    return run
  }
  await said('region', 'import', `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`)
  return { server, cwd, said, outputs }
}

type Place = Awaited<ReturnType<typeof place>>

const NETWORK = `network: { account: n, name: N, anchor: "034595402" }
tenants: [ { ars: "034595402", slug: a, name: A } ]
`
const MIGRATION = (id: string, steps: string): string =>
  `schemaVersion: 1\nid: ${id}\ntitle: M\nreason: r\nauthor: a\nsteps:\n${steps}`
/** Each ends with a step that fails. */
const STEPS: Readonly<Record<string, (url: string) => string>> = {
  values: (
    url,
  ) => `  - { id: saved, kind: http, do: { method: PUT, url: "${url}/saved", credentials: reader }, save: { id: $.id }, undo: none }
  - { id: bearer, kind: http, do: { method: PUT, url: "${url}/bearer", credentials: reader, login: bearer, expect: [ { json: $.title, equals: ok } ] }, undo: none }
`,
  records: (
    url,
  ) => `  - { id: rec, kind: records.transfer, from: { kind: json-http, url: "${url}/source", records: $.items, credentials: reader }, to: { kind: json-http, url: "${url}/records", credentials: reader, item: "${url}/records/\${record.key}" } }
`,
}

/** What an operator does, and a path of the server to which the login must have come for the point to mean something. */
const WORK: Readonly<Record<string, { readonly heard: string; run(here: Place): Promise<void> }>> = {
  'an apply that is refused': {
    heard: '/o/oauth2/token',
    run: async ({ said }) => {
      expect((await said('tenant', 'apply', '-f', 'network.yaml', '--portal', 'reader', '--yes')).code).toBe(
        3,
      )
      await said('run', 'show', '--json')
      await said('run', 'log')
    },
  },
  'a migration that fails': {
    heard: '/records/a',
    run: async ({ server, cwd, said }) => {
      await said('tenant', 'apply', '-f', 'network.yaml', '--yes')
      for (const [id, steps] of Object.entries(STEPS)) {
        writeFileSync(join(cwd, `${id}.yaml`), MIGRATION(id, steps(server.url)))
        expect((await said('migration', 'run', `${id}.yaml`, '--verbose')).code).toBe(3)
      }
      await said('migration', 'status', '--json')
      for (const output of ['html', 'markdown']) await said('migration', 'report', '--output', output)
    },
  },
  'health checks': {
    heard: '/token',
    run: async ({ server, cwd, said }) => {
      const connectors = [
        `http, url: "${server.url}/json", credentials: reader, conditions: [ { json: $.detail, equals: ok } ]`,
        `cmis, url: "${server.url}/page", credentials: reader`,
        `oauth2, url: "${server.url}/token", credentials: reader`,
        `dvelop, url: "${server.url}/", credentials: reader`,
      ].map((text, at) => `  - { name: c${at}, kind: ${text} }\n`)
      const defaults = `defaults: { connectors: [ c0, c1, c2, c3 ] }\n`
      writeFileSync(join(cwd, 'health.yaml'), `connectors:\n${connectors.join('')}${defaults}${NETWORK}`)
      for (const givesTokens of [false, true]) {
        server.givesTokens = givesTokens
        const run = await said('health', 'check', '-f', 'health.yaml', '--details', '--verbose')
        expect(run.code, run.stdout + run.stderr).toBe(2)
      }
      await said('health', 'check', '-f', 'health.yaml', '--output', 'junit')
      await said('health', 'history', '--json')
    },
  },
}

/** Pieces of the credentials in what was printed, or is in a file, read as UTF-8 or byte by byte. */
function leaks({ cwd, outputs }: Place, { secret, token }: Credentials): readonly string[] {
  const files = readdirSync(cwd).map((name) => readFileSync(join(cwd, name), 'latin1'))
  const texts = [...outputs, ...outputs.map((text) => Buffer.from(text).toString('latin1')), ...files]
  const login = Buffer.from(`reader:${secret}`).toString('base64')
  return [secret, token, login]
    .flatMap(tracesOf)
    .flatMap((trace) => [trace, Buffer.from(trace).toString('latin1'), JSON.stringify(trace).slice(1, -1)])
    .filter((trace) => texts.some((text) => text.includes(trace)))
}

test('servers that repeat what they were sent', async () => {
  const all = pairs(Object.keys(ALPHABETS), Object.entries(WORK))
  for (const [alphabet, [name, work]] of drawn('echoes', all, 2)) {
    const number = Object.keys(ALPHABETS).indexOf(alphabet)
    const credentials = credentialsOf(ALPHABETS[alphabet] ?? [], number)
    const point = `${name}, ${alphabet}: ${credentials.secret}`
    const here = await place(credentials)
    await work.run(here)
    expect(here.server.logins.has(work.heard), point).toBe(true)
    expect(leaks(here, credentials), point).toEqual([])
    // A bearer with other letters than these is never sent, and so nobody repeats it.
    if (/^[ -ÿ]+$/.test(credentials.secret)) expect(here.outputs.join(''), point).toContain('***')
  }
}, 600_000)

test('a token that no header can carry, or no encoding can write, ends its connector and nothing else', async () => {
  const TOKENS = ['abc\ud800def', 'abc\udc00', 'line\nbreak', 'nul\0in it', 'ключ', '']
  for (const token of drawn('odd tokens', TOKENS, 2)) {
    const here = await place({ secret: 'c4n4ry-of-odd-tokens', token })
    const connectors = ['dvelop', 'oauth2'].map((kind) => {
      const url = `${here.server.url}/${kind === 'oauth2' ? 'token' : ''}`
      return `  - { name: ${kind}, kind: ${kind}, url: "${url}", credentials: reader }\n`
    })
    const other = `  - { name: other, kind: http, url: "${here.server.url}/ok", conditions: [ { status: 200 } ] }\n`
    writeFileSync(
      join(here.cwd, 'health.yaml'),
      `connectors:\n${connectors.join('')}${other}defaults: { connectors: [ dvelop, oauth2, other ] }\n${NETWORK}`,
    )
    const run = await here.said('health', 'check', '-f', 'health.yaml', '--output', 'csv')
    expect(run.code, JSON.stringify(token) + run.stderr).toBe(2)
    expect(run.stdout, JSON.stringify(token)).toMatch(/^ok;other;/m)
  }
}, 300_000)
