#!/usr/bin/env node
// Runs the sources as they are (Node strips the types): no build, no manifest, slower to start than bin/run.js.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from '../src/main.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const fromSource = (path) => path.replace('./dist', './src').replace(/\.js$/, '.ts')
const { hooks, commands } = pjson.oclif
const oclif = {
  ...pjson.oclif,
  commands: fromSource(commands),
  hooks: Object.fromEntries(Object.entries(hooks).map(([event, path]) => [event, fromSource(path)])),
}
await main({ root, pjson: { ...pjson, oclif }, ignoreManifest: true, enablePerf: false })
