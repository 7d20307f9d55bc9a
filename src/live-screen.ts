import type { WriteStream } from 'node:tty'

/** A screen that is drawn anew again and again, and leaves the terminal as it was. */
export class LiveScreen {
  readonly #terminal: WriteStream

  constructor(terminal: WriteStream) {
    this.#terminal = terminal
    // The alternate screen without a cursor; also when the process ends by a second signal.
    terminal.write('\x1b[?1049h\x1b[?25l')
    process.once('exit', this.close)
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#terminal.columns, rows: this.#terminal.rows }
  }

  draw(lines: readonly string[]): void {
    this.#terminal.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`)
  }

  readonly close = (): void => {
    process.off('exit', this.close)
    this.#terminal.write('\x1b[?25h\x1b[?1049l')
  }
}
