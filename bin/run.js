#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import * as module from 'node:module'

const UNAVAILABLE = 69
const OUTPUT = 74
const built = new URL('../dist/main.js', import.meta.url)

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `ozgctl needs Node 24 or newer; this is ${process.versions.node}. In a checkout, npx ozgctl brings its own.\n`,
  )
  process.exitCode = UNAVAILABLE
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  // Answered before anything else is loaded: scripts ask this often.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : OUTPUT))
  process.stdout.write(`ozgctl ${version}\n`)
} else if (!existsSync(built)) {
  process.stderr.write('ozgctl is not built yet in this checkout: npm run build\n')
  process.exitCode = UNAVAILABLE
} else {
  module.enableCompileCache()
  const { main } = await import(built.href)
  await main(import.meta.url)
}
