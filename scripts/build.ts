import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Compiles src to dist and writes oclif.manifest.json, without which every command is loaded at each start. */
const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(join(root, 'dist'), { recursive: true, force: true })
rmSync(join(root, 'oclif.manifest.json'), { force: true })
execFileSync(
  process.execPath,
  [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')],
  { stdio: 'inherit' },
)

const { Plugin } = await import('@oclif/core')
const plugin = new Plugin({
  errorOnManifestCreate: true,
  ignoreManifest: true,
  respectNoCacheDefault: true,
  root,
  type: 'core',
})
await plugin.load()
// A description is broken into lines as its source is; help wraps paragraphs to the width of the terminal.
for (const command of Object.values(plugin.manifest.commands)) {
  if (command.description !== undefined)
    command.description = command.description.replace(/(?<!\n)\n(?![\n\s-])/g, ' ')
}
writeFileSync(join(root, 'oclif.manifest.json'), JSON.stringify(plugin.manifest))
