import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { cmisSettings, cmisSource } from '../../src/lib/migration/records/cmis.ts'
import { madeDocument } from '../../src/lib/sandbox/stand-ins/documents.ts'
import { standInFiles } from '../../src/lib/sandbox/stand-ins/stand-ins.ts'
import { testClient } from '../support/http.ts'
import { basic, pagesOf, recordClient, settingsOf } from '../support/records.ts'
import { startSandbox } from '../support/sandbox.ts'

it('keeps documents where the manifest says, fills them anew, and begins again', async () => {
  const { sandbox, url } = await startSandbox([], { connectors: true })
  if (sandbox.standIns === undefined) throw new Error('no stand-ins')
  const { manifest } = await standInFiles(sandbox.standIns, 'all.yaml')
  const { connectors } = parse(manifest) as {
    connectors: { name: string; url: string; repository?: string }[]
  }
  const named = connectors.find(({ name }) => name === 'cmis')
  if (named === undefined) throw new Error('no cmis')
  const client = recordClient(named.url, basic([sandbox.clientId, sandbox.clientSecret]))
  const settings = { repository: named.repository, folder: '/Bauakten', keyProperty: 'akten:aktenzeichen' }
  const keys = async () =>
    (await pagesOf(cmisSource(settingsOf(cmisSettings.source, settings), client)))
      .flat()
      .map(({ key }) => key)
  const control = testClient(new URL(url)).client
  const put = async (kind: string, body: string) => {
    const path = `/_sandbox/connectors/${kind}/documents`
    const { status, text } = await control.send({ method: 'PUT', path, body })
    return text === '' ? status : `${status} ${(JSON.parse(text) as { title: string }).title}`
  }
  const made = (count: number) => Array.from({ length: count }, (_, at) => madeDocument(at + 1).reference)

  expect(await keys()).toEqual(made(25))
  expect(await put('cmis', '3')).toBe(204)
  expect(await keys()).toEqual(made(3))
  expect([await put('oidc', '3'), await put('cmis', '-1'), await put('cmis', '10001')]).toEqual([
    '400 there is no stand-in of the kind "oidc"',
    '400 "-1" is no number of documents to 10000',
    '400 "10001" is no number of documents to 10000',
  ])
  await control.send({ method: 'POST', path: '/_sandbox/reset' })
  expect(await keys()).toEqual(made(25))
})

it('makes the same documents each time, and some of them are not easy', () => {
  const names = Array.from({ length: 25 }, (_, at) => madeDocument(at + 1))
  expect(names.map(({ bytes }) => bytes.length).slice(0, 3)).toEqual([0, 200_000, 5857])
  expect(madeDocument(7)).toEqual(madeDocument(7))
  expect(new Set(names.map(({ name }) => name)).size).toBe(25)
  for (const sign of ['ü', '"', "'", '&', 'Ł'])
    expect(names.some(({ name }) => name.includes(sign))).toBe(true)
})
