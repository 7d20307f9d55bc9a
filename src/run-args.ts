import { Args } from '@oclif/core'

/** The argument that names a run. */
export const runArgs = {
  run: Args.string({
    default: 'latest',
    ignoreStdin: true,
    description: 'run-7, 7, or latest, which is the default',
  }),
}
