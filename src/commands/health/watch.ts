import { coloursFor } from '../../colour.ts'
import { HealthCommand } from '../../health-command.ts'
import { checkFlags, connectorArgs, healthScope, runLimits } from '../../health-flags.ts'
import { systemOf } from '../../lib/connector/systems/index.ts'
import { bindToCheck } from '../../lib/health/health.ts'
import { withImpact } from '../../lib/health/impact.ts'
import type { Endpoint, HealthResult } from '../../lib/health/model.ts'
import { watchHealth } from '../../lib/health/wait.ts'
import { healthJson, waitingLine } from '../../lib/view/health.ts'
import { type Paint, watchScreen } from '../../lib/view/health-watch.ts'
import { LiveScreen } from '../../live-screen.ts'
import { durationFlag } from '../../run-flags.ts'

const EVERY_MS = 30_000
const REDRAW_MS = 1000

/** Endpoints stand under the category of their system, others under their kind. */
const groupOf = ({ system, kind }: Endpoint): string => systemOf(system ?? '')?.category ?? kind

export default class HealthWatch extends HealthCommand {
  static override summary = 'Watch connectors on the screen, worst first'
  static override description =
    `Checks again and again, records what it finds, and shows it in groups: the worst first, since when, and what changed last.
Ctrl-C ends it. In a pipe it prints a line whenever something has changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f network.yaml --in 03459 --every 10s',
  ]
  static override args = connectorArgs
  static override flags = {
    ...checkFlags,
    every: durationFlag({ env: 'OZGCTL_EVERY', description: 'pause between rounds [default: 30s]' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(HealthWatch)
    const signal = this.stopGracefully()
    return this.withStore(flags, 'create', async (store, context) => {
      const bound = await bindToCheck(context, store, await healthScope(flags, args.connectors))
      const everyMs = flags.every ?? EVERY_MS
      const isLive = process.stdout.isTTY && !this.jsonEnabled()
      const show = isLive
        ? await this.#screen(flags.lang, everyMs, () => context.now())
        : this.#lines(flags.lang)
      try {
        const last = await watchHealth(context, store, bound, runLimits(flags), {
          everyMs,
          signal,
          onRound: show.round,
        })
        // To be stopped is how it ends.
        process.exitCode = 0
        return last === undefined
          ? { schemaVersion: 1, endpoints: [] }
          : healthJson(await withImpact(context, store, last))
      } finally {
        show.close()
      }
    })
  }

  async #screen(lang: 'de' | 'en', everyMs: number, now: () => Date): Promise<Shown> {
    const screen = new LiveScreen(process.stdout)
    const paint = await painter()
    let state: { readonly result: HealthResult; readonly nextAt: number } | undefined
    const draw = (): void => {
      if (state === undefined) return
      const { result, nextAt } = state
      screen.draw(watchScreen({ result, groupOf, now: now().getTime(), nextAt }, screen.size, lang, paint))
    }
    const timer = setInterval(draw, REDRAW_MS)
    return {
      round: (result) => {
        state = { result, nextAt: now().getTime() + everyMs }
        draw()
      },
      close: () => {
        clearInterval(timer)
        screen.close()
      },
    }
  }

  #lines(lang: 'de' | 'en'): Shown {
    let shown = ''
    return {
      round: (result) => {
        const line = waitingLine(result, lang)
        if (line !== shown && !this.jsonEnabled()) process.stdout.write(`${line}\n`)
        shown = line
      },
      close: () => undefined,
    }
  }
}

interface Shown {
  readonly round: (result: HealthResult) => void
  readonly close: () => void
}

async function painter(): Promise<Paint> {
  const colours = await coloursFor(process.stdout)
  if (colours === undefined) return (_status, line) => line
  const { red, yellow, green, magenta } = colours
  const paints = { critical: red, unknown: magenta, warning: yellow, ok: green }
  return (status, line) => paints[status](line)
}
