#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import * as module from 'node:module'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `ozgctl needs Node 24 or newer; this is ${process.versions.node}. In a checkout, npx ozgctl brings its own.\n`,
  )
  process.exit(69)
}
// Answered before anything else is loaded: scripts ask this often.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 74))
  process.stdout.write(`ozgctl ${version}\n`)
} else {
  module.enableCompileCache()
  const { main } = await import('../dist/main.js')
  await main(import.meta.url)
}
